import { hotItem } from "./hot-item/suite.js";
import { lostReplies } from "./lost-replies/suite.js";
import { manyItems } from "./many-items/suite.js";
import { overhead } from "./overhead/suite.js";
import type { Suite } from "./suite.js";
import { zookeeper } from "./zookeeper/suite.js";

/** In the order in which they run and stand in the report. */
export const suites: readonly Suite[] = [overhead, hotItem, manyItems, lostReplies, zookeeper];

import type { Contestant } from "../contestant.js";
import { oneByOne } from "./one-by-one.js";
import { clientEach, shared } from "./dynatx.js";

/** What the others are compared with. */
export const baseline: Contestant = oneByOne;

export const contestants: readonly Contestant[] = [oneByOne, shared, clientEach];

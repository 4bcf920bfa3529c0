import type { Backend } from "dynatx";
import type { Database } from "../support/databases.js";

/** Where a backend is put to the test. */
export interface Ground {
  readonly database: Database;
  /** Asked for inside tests, so that it may be made in a hook. */
  readonly backend: () => Backend;
  /** How many transfers T15 starts at once. Default: 1000. */
  readonly transfers?: number;
}

import type { LifeOrders } from "../orders.js";

/** Where everything of a run is. */
export interface Place {
  /** The way there. */
  readonly hosts: string;
  readonly root: string;
  readonly sessionMs: number;
}

/** What befalls a process at one of its commits. */
export interface Fate {
  /** At which, counted from 1. */
  readonly commit: number;
  /** Before the commit is sent, or after that. */
  readonly when: "before" | "after";
  readonly end: "kill" | "pause";
}

/** What a crew is to do. */
export interface Orders extends LifeOrders {
  readonly place: Place;
  readonly seed: number;
  /** Transactions that it has under way at once, over one session. */
  readonly lines: number;
  /** When the run began, in milliseconds since the epoch. */
  readonly startedAt: number;
  readonly generationMs: number;
  readonly fate?: Fate | undefined;
}

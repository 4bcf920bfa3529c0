import type { Observation } from "./observations.js";
import type { Value } from "./operation.js";

/** One list of a key, from its first value until it is deleted: the versions that a key has had, and who knew them. */
export interface Lifetime {
  readonly key: string;
  /** The first `ordered` ones in the order of the list; the others, which nobody saw, came later in any order. */
  readonly values: readonly Value[];
  readonly ordered: number;
  /** Who appended each of the values. */
  readonly writers: readonly number[];
  /** Who saw it before any change of their own, and how long it was then. */
  readonly readers: readonly Reader[];
  /** Who saw it and deleted it. */
  readonly closers: readonly number[];
  /** Whether somebody may have deleted it who did not see it, or of whom nobody knows whether he did. */
  readonly mayBeClosed: boolean;
}

export interface Reader {
  readonly operation: number;
  readonly length: number;
}

/** The versions of one key. */
export interface KeyVersions {
  readonly lifetimes: readonly Lifetime[];
  /** Who found no list, where lists are deleted; elsewhere they are readers of the one list when it was empty. */
  readonly absences: readonly number[];
}

/** A lifetime that is being put together. */
export interface OpenLifetime extends Lifetime {
  values: Value[];
  ordered: number;
  writers: number[];
  readonly readers: Reader[];
  readonly closers: number[];
  /** The longest list anyone knew. */
  readonly longest: Observation;
}

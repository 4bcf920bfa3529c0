import type { RangeSet } from "../base/range-set.js";
import type { Versioned } from "./accessor.js";
import type { Json } from "./json.js";

/** The last values of a record, the newest at the end; `[null]` when it is absent. */
export type RecordValues = readonly Json[];

/** What one transaction changed: key → value, null for a record that it deleted. */
export type Journal = Readonly<Record<string, Json>>;

/** Which journals there have ever been, and which of them are deleted. Journal ids count from 0. */
export interface JournalIdSet {
  readonly COMMITTED: RangeSet;
  readonly PURGED: RangeSet;
}

/** What lets another process go on with a transaction. Named as it is stored. */
export interface StateEntry {
  /** The keys that were locked when it was saved. */
  readonly got_keys: readonly string[];
  /** When the transaction started, in seconds since the epoch. */
  readonly start_ts: number;
  /** What the operation saved. */
  readonly data: Json;
}

/** A record as `set` left it in its lock: `v` is to be committed over `version`, whose values were `values`. */
export interface SetRecord {
  readonly k: string;
  readonly version: number;
  readonly values: RecordValues;
  readonly v: Json;
}

/** A lock that the asking transaction holds, and the record under it, read since. */
export interface HeldLock {
  readonly held: true;
  readonly version: number;
  /** What `set` left in it, null if nothing. */
  readonly set: SetRecord | null;
  readonly record: Versioned<RecordValues>;
}

/**
 * What has become of a transaction that holds a lock: `alive`; `paused`, dead with its state saved, so that somebody can
 * go on with it; or `dead`, and its locks are anybody's to break.
 */
export type Fate = "alive" | "paused" | "dead";

/** A lock in somebody else's hands. */
export interface Holder {
  readonly held: false;
  readonly txid: number;
  /** The lock's version. */
  readonly version: number;
  readonly fate: Fate;
  /** Resolves once the lock is no longer that transaction's or its fate is another; rejects with `ConnectionLoss`. */
  readonly changed: Promise<void>;
}

/** What `tryReleaseKey` did: whether the key is free of the asking transaction, and otherwise who holds it. */
export type Release = readonly [released: boolean, holder: number, version: number];

/** A transaction's mark of life. It ends with the process that made it, or with the batch that says so. */
export interface AliveMark {
  readonly txid: number;
  /** Aborted, with a `ConnectionLoss` as reason, as soon as others may take the transaction for dead. */
  readonly lost: AbortSignal;
  /** Ends the mark, and nothing else. Fine when it has ended. Throws `ConnectionLoss`. */
  release(): Promise<void>;
}

/** One record to be written: `values` over `version`, or with `undefined` the deletion of that version. */
export interface RecordChange {
  readonly key: string;
  readonly version: number;
  readonly values: RecordValues | undefined;
}

/** What a transaction does to its store, all of it or nothing, and only while its mark of life is there. */
export interface Batch {
  readonly alive: AliveMark;
  /** Whether the mark of life ends with it. */
  readonly last: boolean;
  readonly records: readonly RecordChange[];
  /** Records that were only read, and must be at the versions that were seen: a lock may be lost and not look it. */
  readonly reads: readonly { readonly key: string; readonly version: number }[];
  /** The locks to be released, at these versions. */
  readonly locks: readonly { readonly key: string; readonly version: number }[];
  /** The saved state's version, if there is one and it is to go. */
  readonly stateVersion: number | undefined;
  /** What is added to the journals, if anything. */
  readonly journal: Journal | undefined;
}

/** What became of a batch whose answer was lost. */
export type Outcome = "applied" | "refused" | "unknown";

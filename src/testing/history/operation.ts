/** A value in a list. No two operations of a history append the same one to the same key; `1` and `"1"` are two. */
export type Value = string | number;

/** An operation was about to append `value` to the list of `key`. */
export interface Append {
  readonly type: "append";
  readonly key: string;
  readonly value: Value;
}

/** An operation saw the list of `key`; `null`: there was none. Whether a list is absent or empty makes no difference. */
export interface Read {
  readonly type: "read";
  readonly key: string;
  readonly values: readonly Value[] | null;
}

/** An operation was about to delete the list of `key`, with all that is in it. */
export interface Delete {
  readonly type: "delete";
  readonly key: string;
}

/** An operation saw the balances of all accounts at once. */
export interface Snapshot {
  readonly type: "snapshot";
  readonly balances: Readonly<Record<string, number>>;
}

export type Step = Read | Append | Delete | Snapshot;

/**
 * What became of an operation: it happened (`ok`), it certainly had no effect (`failed`), or nobody can tell
 * (`unknown`: it may have happened, may not, or may happen still).
 */
export type Outcome = "ok" | "failed" | "unknown";

/** One operation as its caller saw it: plain JSON. */
export interface Operation {
  /** Who ran it; for people only. */
  readonly process: string | number;
  /** When it began, in the unit of the recorder's clock. */
  readonly start: number;
  /** When its outcome was known to its caller; one that is `unknown` has no end. */
  readonly end?: number | undefined;
  readonly outcome: Outcome;
  /** What it saw and wanted to change, in its order. */
  readonly steps: readonly Step[];
  /** What it had wanted to append in attempts that were given up, and did not append in the last one. */
  readonly abandoned?: readonly Append[] | undefined;
  /** The message of the error it ended with. */
  readonly error?: string | undefined;
}

/** Operations in any order; an operation is named by its index. */
export type History = readonly Operation[];

/** When it had certainly happened, if it did: never, for one whose outcome is unknown. */
export function endOf({ outcome, end = Infinity }: Operation): number {
  return outcome === "unknown" ? Infinity : end;
}

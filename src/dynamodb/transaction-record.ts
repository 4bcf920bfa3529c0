/** What the coordinator table keeps of one transaction in flight. */
import type { AttributeMap } from "./attribute.js";

export interface TransactionRecord {
  readonly state: "pending" | "committed";
  /** Seniority: the lower text goes first. */
  readonly priority: string;
  /** How often readers made the transaction validate again. */
  readonly pushes: number;
  /** Moved by its owner while it lives. */
  readonly beats: number;
  /** Committed: for each of its items, by index, which attempt at an intent counts. */
  readonly attempts: readonly number[];
  /** Committed: which items these are, as text; in pages of their own when there are many. */
  readonly manifest: string | undefined;
  readonly pages: number;
  /** When it was committed, in milliseconds since the epoch of its owner's clock. */
  readonly committedAt: number;
}

/** What a commit writes into its record. */
export interface CommitEntry {
  readonly attempts: readonly number[];
  /** The manifest itself, or how many pages it has. */
  readonly manifest: string | { readonly pages: number };
  /** The pushes that the validation has seen; `undefined`: nothing was only read. */
  readonly pushes: number | undefined;
}

/** The names of a record's attributes, short because they are paid for. */
export const recordNames = {
  id: "id",
  state: "st",
  priority: "pri",
  pushes: "pv",
  beats: "hb",
  attempts: "w",
  manifest: "m",
  pages: "mp",
  committedAt: "at",
  /** The text or bytes of a page or a piece. */
  part: "p",
} as const;

export const pendingState = "P";
export const committedState = "C";

const numberOf = (item: AttributeMap, name: string): number => Number(item[name]?.N ?? 0);

export function recordOf(item: AttributeMap): TransactionRecord {
  const names = recordNames;
  const attempts = item[names.attempts]?.S ?? "";
  return {
    state: item[names.state]?.S === committedState ? "committed" : "pending",
    priority: item[names.priority]?.S ?? "",
    pushes: numberOf(item, names.pushes),
    beats: numberOf(item, names.beats),
    attempts: attempts === "" ? [] : attempts.split(",").map(Number),
    manifest: item[names.manifest]?.S,
    pages: numberOf(item, names.pages),
    committedAt: numberOf(item, names.committedAt),
  };
}

/** Whether an item of the coordinator table is the record of a transaction, and not a part of one or the identity. */
export function isRecord(item: AttributeMap): boolean {
  return item[recordNames.state] !== undefined;
}

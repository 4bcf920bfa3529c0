/** What the coordinator table keeps of one transaction in flight. */
import type { AttributeMap } from "./attribute.js";

export interface TransactionRecord {
  readonly state: "pending" | "committed" | "aborted";
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
  readonly pages: ManifestPages | undefined;
  /** When it was decided, in milliseconds since the epoch of the decider's clock. */
  readonly decidedAt: number;
}

/** Where a long manifest is. It may be written more than once: a late page of an older one must not count. */
export interface ManifestPages {
  readonly generation: number;
  readonly count: number;
}

/** What a commit writes into its record. */
export interface CommitEntry {
  readonly attempts: readonly number[];
  readonly manifest: string | ManifestPages;
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
  decidedAt: "at",
  /** The text or bytes of a page or a piece. */
  part: "p",
} as const;

export const pendingState = "P";
export const committedState = "C";
/** Aborted by another: the record stays until its owner has seen it, or a late begin could make it anew. */
export const abortedState = "A";

const numberOf = (item: AttributeMap, name: string): number => Number(item[name]?.N ?? 0);

export function recordOf(item: AttributeMap): TransactionRecord {
  const names = recordNames;
  const attempts = item[names.attempts]?.S ?? "";
  const [generation, count] = (item[names.pages]?.S ?? "").split("/").map(Number);
  return {
    state: stateOf(item[names.state]?.S),
    priority: item[names.priority]?.S ?? "",
    pushes: numberOf(item, names.pushes),
    beats: numberOf(item, names.beats),
    attempts: attempts === "" ? [] : attempts.split(",").map(Number),
    manifest: item[names.manifest]?.S,
    pages: generation === undefined || count === undefined ? undefined : { generation, count },
    decidedAt: numberOf(item, names.decidedAt),
  };
}

function stateOf(text: string | undefined): TransactionRecord["state"] {
  if (text === committedState) return "committed";
  return text === abortedState ? "aborted" : "pending";
}

/** The pages of a manifest as a record tells them. */
export function pagesText({ generation, count }: ManifestPages): string {
  return `${generation}/${count}`;
}

/** Whether an item of the coordinator table is the record of a transaction, and not a part of one or the identity. */
export function isRecord(item: AttributeMap): boolean {
  return item[recordNames.state] !== undefined;
}

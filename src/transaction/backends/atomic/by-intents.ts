import type { Connection } from "../../../dynamodb/connection.js";
import type { Footprint } from "../../../model/footprint.js";

/** On which terms a footprint is committed. */
export interface CommitTerms {
  /** The transaction's own connection: its coordinator keeps the record of the transaction. */
  readonly connection: Connection;
  /** Seniority: the lower text goes first. Kept over the attempts of one commit. */
  readonly priority: string;
  /** Whether the commit resolves only when its items are no longer in flight. */
  readonly awaitApply: boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * Commits a footprint of any size, on any number of endpoints: all of it or nothing. Throws `ConflictError` when
 * something is no longer as it was read, `ConditionFailedError`, `AmbiguousWriteError`.
 */
export async function commitByIntents(footprint: Footprint, terms: CommitTerms): Promise<void> {
  void footprint;
  void terms;
  throw new Error("to be written");
}

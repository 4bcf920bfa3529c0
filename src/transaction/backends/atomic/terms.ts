import type { Connection } from "../../../dynamodb/connection.js";

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

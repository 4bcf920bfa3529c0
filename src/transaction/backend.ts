import type { Connection } from "../dynamodb/connection.js";
import type { CommitReport } from "./commit-report.js";
import type { TransactorParts } from "./transactor.js";

/** The own targets of one transaction, as its backend gets them. */
export interface CommitRun {
  /** The transaction's connection: where its waits and events belong. */
  readonly connection: Connection;
  /** The table of the transaction's rows, for events. */
  readonly table: string;
  /** To be told of attempts and retries. */
  readonly report: CommitReport;
  readonly transactors: readonly TransactorParts[];
  /** How often each target is attempted at the most. */
  readonly maxRetries: number;
  /** How long a setter may keep others waiting that it is combined with; `undefined`: it is not combined. */
  readonly setterTimeoutMs: number | undefined;
  readonly signal: AbortSignal | undefined;
  /** To be called when a target was saved, or may have been. */
  targetSaved(): void;
}

/** How the writes of a transaction become durable. */
export interface Backend {
  readonly name: string;
  /** Whether nothing is written before the commit point, so that all of it happens or nothing. */
  readonly holdsWrites: boolean;
  /** Gets, sets and saves every target in order. */
  applyTransactors(run: CommitRun): Promise<void>;
}

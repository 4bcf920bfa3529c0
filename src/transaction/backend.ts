import type { Connection } from "../dynamodb/connection.js";
import type { Footprint } from "../model/footprint.js";
import type { CommitReport } from "./commit-report.js";
import type { TransactorParts } from "./transactor.js";

/** The own targets of one transaction, as a backend that saves them one by one gets them. */
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

/** On which terms a transaction commits what it has read and written. */
export interface AttemptTerms {
  /** The transaction's own connection. */
  readonly connection: Connection;
  /** Seniority: the lower text goes first. Kept over the attempts of one commit. */
  readonly priority: string;
  readonly signal: AbortSignal | undefined;
}

/** Each target becomes durable on its own. */
export interface StepwiseBackend {
  readonly name: string;
  readonly holdsWrites: false;
  /** Gets, sets and saves every target in order. */
  applyTransactors(run: CommitRun): Promise<void>;
}

/** Nothing is written before the commit point, so that all of a transaction happens or nothing. */
export interface AtomicBackend {
  readonly name: string;
  readonly holdsWrites: true;
  /**
   * Makes all of a footprint durable at once, if all of it is still as it was read. Throws `ConflictError` when it is
   * not, `ConditionFailedError`, `AmbiguousWriteError`; then nothing was written, but for the last, which leaves it open.
   */
  commitFootprint(footprint: Footprint, terms: AttemptTerms): Promise<void>;
}

/** How the writes of a transaction become durable. */
export type Backend = StepwiseBackend | AtomicBackend;

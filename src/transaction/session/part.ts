import { AmbiguousWriteError } from "../../base/errors.js";
import type { CommitReport } from "../commit-report.js";
import type { Operation } from "../operation.js";
import { saveRowAfter } from "../row.js";

/** A commit that has become a part of a running transaction: what must be remembered of it over the attempts of that one. */
export class Part {
  readonly operation: Operation;
  readonly report: CommitReport;
  /** Whether its `setup` has run. */
  isSetUp = false;
  /** The attempt in which it was begun last. */
  attempt = 0;
  /** Whether it has come to its end in this attempt. */
  ended = false;
  /** Why it has not. */
  error: unknown;

  constructor(operation: Operation, report: CommitReport) {
    this.operation = operation;
    this.report = report;
  }

  /** Nothing of the attempt was committed: `error`, unless it has ended with one of its own. */
  undone(error: unknown): void {
    this.error ??= error;
    this.ended = false;
    this.operation.transaction.status = "pending";
    if (!this.operation.written) this.operation.forgetRow();
  }

  /** The whole was committed. */
  async committed(): Promise<void> {
    if (this.ended) this.report.done();
    else await this.failed(this.error);
  }

  /** The whole was not committed, or without this part; or nobody knows. */
  async failed(error: unknown): Promise<void> {
    const { operation, report } = this;
    if (error instanceof AmbiguousWriteError) operation.transaction.status = "running";
    else if (operation.announced) await saveRowAfter(error, operation, report);
    report.failed(this.error ?? error, operation.transaction.status);
  }
}

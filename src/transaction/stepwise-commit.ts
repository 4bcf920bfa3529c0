import type { StepwiseBackend } from "./backend.js";
import { setterTimeoutOf } from "./combining/terms.js";
import type { CommitReport } from "./commit-report.js";
import type { Status } from "./definition.js";
import type { Operation, Whole } from "./operation.js";
import { insertRow, saveRow, saveRowAfter } from "./row.js";
import { partsOf } from "./transactor.js";
import type { CommitOptions } from "./types.js";

/** A commit whose targets are saved one after the other: from `pending` over `running` to its end. */
export class StepwiseCommit implements Whole {
  readonly report: CommitReport;
  readonly #operation: Operation;
  readonly #backend: StepwiseBackend;
  readonly #options: CommitOptions;
  readonly #setterTimeoutMs: number | undefined;

  constructor(operation: Operation, backend: StepwiseBackend, options: CommitOptions) {
    this.#operation = operation;
    this.#backend = backend;
    this.#options = options;
    this.report = operation.report(backend);
    this.#setterTimeoutMs = setterTimeoutOf(operation.policy, options.combine);
  }

  run(): Promise<void> {
    this.#operation.begin();
    return this.report.run(() => this.#reported());
  }

  /** What a part has changed, the whole has changed. */
  partChanged(): void {
    this.#enter("running");
  }

  async #reported(): Promise<void> {
    try {
      await this.#whole();
    } catch (error) {
      this.report.failed(error, this.#operation.transaction.status);
      throw error;
    }
    this.report.done();
  }

  /** The operation and its row. */
  async #whole(): Promise<void> {
    try {
      await this.#operate();
    } catch (error) {
      await saveRowAfter(error, this.#operation, this.report);
      throw error;
    }
    await saveRow(this.#operation, this.report);
  }

  async #operate(): Promise<void> {
    const operation = this.#operation;
    const { transaction, connection, binding, policy } = operation;
    const { signal } = this.#options;
    signal?.throwIfAborted();
    await operation.setUp();
    operation.checkRow();
    if (operation.announced) await insertRow(operation, this.report);
    const transactors = partsOf(await transaction.transactors());
    await this.#backend.applyTransactors({
      connection,
      table: binding.table,
      report: this.report,
      transactors,
      maxRetries: policy.maxRetries,
      setterTimeoutMs: this.#setterTimeoutMs,
      signal,
      targetSaved: () => this.#enter("running"),
    });
    if (transaction.subtransactions.length > 0) signal?.throwIfAborted(); // else all of it has happened
    await operation.applyParts(this);
    this.#enter("done");
  }

  #enter(status: Status): void {
    this.#operation.transaction.status = status;
    if (status === "running") this.#operation.whole?.partChanged();
  }
}

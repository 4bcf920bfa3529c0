import { OverwriteError, ValidationError } from "../base/errors.js";
import { uniqueDatetime } from "../base/clock.js";
import { bindingOf, checkBeforeSave, internalsOf } from "../model/model-core.js";
import type { Binding } from "../model/binding.js";
import type { Backend } from "./backend.js";
import { CommitReport } from "./commit-report.js";
import type { Status } from "./definition.js";
import { retryOn } from "./retry.js";
import { setterTimeoutOf } from "./combining/terms.js";
import { partsOf } from "./transactor.js";
import type { Combine, CommitOptions, TransactionFields, TransactionInstance } from "./types.js";

/** What a commit needs of the transaction's class. */
export interface CommitPolicy {
  readonly name: string;
  readonly backend: Backend;
  readonly maxRetries: number;
  readonly transient: boolean;
  readonly writeAhead: boolean;
  readonly combine: Combine;
  readonly statusesToSave: ReadonlySet<string>;
}

type Committable = Omit<TransactionInstance, "commit"> & TransactionFields;

const running = new WeakMap<object, CommitOptions>();

/** The commit that each sub-transaction runs in. */
const parents = new WeakMap<object, Commit>();

/** The sub-transactions that `setup` registered: the next commit's `setup` registers its own. */
const fromSetup = new WeakMap<object, ReadonlySet<object>>();

/** How many datetimes that others have taken are passed over. Apart from `maxRetries`, because the targets have changed already. */
const maxDatetimes = 100;

/** The options of the commit an instance is in; for sub-transactions, which run on the same terms. */
export function runningOptions(transaction: object): CommitOptions {
  return running.get(transaction) ?? {};
}

/** Runs one commit; see `TransactionInstance.commit`. */
export async function commitTransaction(
  transaction: Committable,
  policy: CommitPolicy,
  options: CommitOptions,
): Promise<void> {
  if (running.has(transaction))
    throw new ValidationError(
      `${policy.name}: this instance is being committed already; make another one for another operation`,
    );
  if (!Number.isInteger(policy.maxRetries) || policy.maxRetries < 1) {
    throw new ValidationError(
      `${policy.name}.maxRetries must be a whole number from 1 on, but it is ${policy.maxRetries}`,
    );
  }
  running.set(transaction, options);
  try {
    await new Commit(transaction, policy, options).run();
  } finally {
    running.delete(transaction);
  }
}

/** One run of a transaction, from `pending` to its end. */
class Commit {
  readonly #transaction: Committable;
  readonly #policy: CommitPolicy;
  readonly #options: CommitOptions;
  readonly #binding: Binding;
  readonly #backend: Backend;
  readonly #transient: boolean;
  readonly report: CommitReport;
  readonly #setterTimeoutMs: number | undefined;

  constructor(transaction: Committable, policy: CommitPolicy, options: CommitOptions) {
    this.#transaction = transaction;
    this.#policy = policy;
    this.#options = options;
    this.#binding = bindingOf(internalsOf(transaction).model);
    this.#backend = options.backend ?? policy.backend;
    this.#transient = transaction.transient ?? policy.transient;
    this.report = new CommitReport({
      connection: this.#binding.connection,
      transaction: policy.name,
      backend: this.#backend.name,
      table: this.#binding.table,
      rowKeys: () => rowKeys(transaction),
      parent: parents.get(transaction)?.report,
    });
    this.#setterTimeoutMs = setterTimeoutOf(policy, options.combine);
  }

  run(): Promise<void> {
    this.#begin();
    return this.report.run(() => this.#reported());
  }

  async #reported(): Promise<void> {
    try {
      await this.#whole();
    } catch (error) {
      this.report.failed(error, this.#transaction.status);
      throw error;
    }
    this.report.done();
  }

  /** The operation and its row. */
  async #whole(): Promise<void> {
    try {
      await this.#operate();
    } catch (error) {
      await this.#saveRowAfter(error);
      throw error;
    }
    await this.#saveRow();
  }

  /** Each commit is an operation of its own, with a row and parts of its own. */
  #begin(): void {
    const transaction = this.#transaction;
    const { state, values } = internalsOf(transaction);
    state.image = undefined;
    state.current = undefined;
    values["datetime"] = undefined;
    transaction.status = "pending";
    const former = fromSetup.get(transaction);
    if (former !== undefined)
      transaction.subtransactions = transaction.subtransactions.filter((part) => !former.has(part));
  }

  async #operate(): Promise<void> {
    const transaction = this.#transaction;
    const { connection, table } = this.#binding;
    const { signal } = this.#options;
    signal?.throwIfAborted();
    await this.#setUp();
    // A row that could not be saved is found out before anything has changed.
    if (!this.#transient) checkBeforeSave(transaction, { datetime: "" });
    if (this.#policy.writeAhead && !this.#transient) await this.#insertRow();
    const transactors = partsOf(await transaction.transactors());
    await this.#backend.applyTransactors({
      connection,
      table,
      report: this.report,
      transactors,
      maxRetries: this.#policy.maxRetries,
      setterTimeoutMs: this.#setterTimeoutMs,
      signal,
      targetSaved: () => this.#enter("running"),
    });
    if (transaction.subtransactions.length > 0) signal?.throwIfAborted(); // else all of it has happened
    await this.#applyParts();
    this.#enter("done");
  }

  async #setUp(): Promise<void> {
    const transaction = this.#transaction;
    const known = new Set<object>(transaction.subtransactions);
    try {
      await transaction.setup();
    } finally {
      fromSetup.set(transaction, new Set(transaction.subtransactions.filter((part) => !known.has(part))));
    }
  }

  async #applyParts(): Promise<void> {
    const parts = [...this.#transaction.subtransactions];
    for (const part of parts) parents.set(part, this);
    try {
      await this.#transaction.applySubtransactions();
    } finally {
      for (const part of parts) parents.delete(part);
    }
  }

  /** What a part has changed, the whole has changed. */
  #enter(status: Status): void {
    this.#transaction.status = status;
    const parent = parents.get(this.#transaction);
    if (status === "running" && parent !== undefined) parent.#enter(status);
  }

  /** Saves the row of an operation that failed. Its error is the one to report: the row's own comes out as an event. */
  async #saveRowAfter(error: unknown): Promise<void> {
    try {
      await this.#saveRow();
    } catch (rowError) {
      const { connection, table } = this.#binding;
      connection.emit("rowLost", () => ({ ...this.report.event(), table, error: rowError, failure: error }));
    }
  }

  async #saveRow(): Promise<void> {
    const transaction = this.#transaction;
    if (this.#transient) return;
    const written = internalsOf(transaction).state.image !== undefined;
    const wanted = this.#policy.statusesToSave.has(transaction.status);
    if (written && !wanted && transaction.status === "pending") return transaction.delete(); // nothing changed: no row
    if (written) return transaction.save({ raiseOnConflict: true });
    if (wanted) await this.#insertRow();
  }

  /** A datetime that somebody else has taken is passed over. The caller's signal does not stop it: targets have changed. */
  async #insertRow(): Promise<void> {
    const transaction = this.#transaction;
    const { connection, table } = this.#binding;
    const insert = async (): Promise<void> => {
      transaction.datetime = uniqueDatetime(connection.clock);
      const { state } = internalsOf(transaction);
      state.generatedKey = true;
      try {
        await transaction.save({ raiseOnConflict: true });
      } finally {
        state.generatedKey = false; // whoever saves the instance later may have given it another key
      }
    };
    await retryOn(OverwriteError, insert, { connection, table, report: this.report, maxRetries: maxDatetimes });
  }
}

/** The keys of a transaction's row as they are now. */
function rowKeys(transaction: object): { readonly hashKey: unknown; readonly datetime: string | undefined } {
  const { model, values } = internalsOf(transaction);
  // True: the library itself gives the datetime, as text.
  return { hashKey: values[bindingOf(model).spec.hash.name], datetime: values["datetime"] as string | undefined };
}

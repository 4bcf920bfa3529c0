import { uniqueDatetime } from "../base/clock.js";
import type { Connection } from "../dynamodb/connection.js";
import type { Binding } from "../model/binding.js";
import { bindingOf, checkBeforeSave, internalsOf } from "../model/model-core.js";
import type { Backend } from "./backend.js";
import { CommitReport } from "./commit-report.js";
import type { Combine, TransactionFields, TransactionInstance } from "./types.js";

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

export type Committable = Omit<TransactionInstance, "commit"> & TransactionFields;

/** The commit that sub-transactions run in. */
export interface Whole {
  readonly report: CommitReport;
  /** A part has changed something for good, or may have. */
  partChanged(): void;
}

/** The commit that each sub-transaction runs in. */
const wholes = new WeakMap<object, Whole>();

/** The sub-transactions that `setup` registered: the next commit's `setup` registers its own. */
const fromSetup = new WeakMap<object, ReadonlySet<object>>();

/** How many datetimes that others have taken are passed over. Apart from `maxRetries`, because they say nothing of the targets. */
export const maxDatetimes = 100;

/** One commit of one transaction, as far as it is the same on every backend: its hooks, its parts and its row. */
export class Operation {
  readonly transaction: Committable;
  readonly policy: CommitPolicy;
  readonly binding: Binding;
  readonly transient: boolean;

  constructor(transaction: Committable, policy: CommitPolicy) {
    this.transaction = transaction;
    this.policy = policy;
    this.binding = bindingOf(internalsOf(transaction).model);
    this.transient = transaction.transient ?? policy.transient;
  }

  get connection(): Connection {
    return this.binding.connection;
  }

  /** The commit whose sub-transaction this is. */
  get whole(): Whole | undefined {
    return wholes.get(this.transaction);
  }

  /** Whether its row is to be saved before anything changes. */
  get announced(): boolean {
    return this.policy.writeAhead && !this.transient;
  }

  /** Whether its row has been saved. */
  get written(): boolean {
    return internalsOf(this.transaction).state.image !== undefined;
  }

  /** Whether a row is to be saved with the status as it is now. */
  get wanted(): boolean {
    return !this.transient && this.policy.statusesToSave.has(this.transaction.status);
  }

  report(backend: Backend, parent = this.whole?.report): CommitReport {
    const { transaction, connection, binding } = this;
    return new CommitReport({
      connection,
      transaction: this.policy.name,
      backend: backend.name,
      table: binding.table,
      rowKeys: () => rowKeys(transaction),
      parent,
    });
  }

  /** Each commit is an operation of its own, with a row and parts of its own. */
  begin(): void {
    const { transaction } = this;
    this.forgetRow();
    transaction.status = "pending";
    const former = fromSetup.get(transaction);
    if (former !== undefined)
      transaction.subtransactions = transaction.subtransactions.filter((part) => !former.has(part));
  }

  /** There is no row of it. */
  forgetRow(): void {
    const { state, values } = internalsOf(this.transaction);
    state.image = undefined;
    state.current = undefined;
    values["datetime"] = undefined;
  }

  async setUp(): Promise<void> {
    const { transaction } = this;
    const known = new Set<object>(transaction.subtransactions);
    fromSetup.delete(transaction);
    try {
      await transaction.setup();
    } finally {
      const added = transaction.subtransactions.filter((part) => !known.has(part));
      if (added.length > 0) fromSetup.set(transaction, new Set(added));
    }
  }

  /** A row that could not be saved is found out before anything has changed. Throws `ValidationError`. */
  checkRow(): void {
    if (!this.transient) checkBeforeSave(this.transaction, { datetime: "" });
  }

  async applyParts(whole: Whole): Promise<void> {
    const parts = [...this.transaction.subtransactions];
    for (const part of parts) wholes.set(part, whole);
    try {
      await this.transaction.applySubtransactions();
    } finally {
      for (const part of parts) wholes.delete(part);
    }
  }

  /** Saves the row under a new datetime, which must not be taken. Throws `OverwriteError`. */
  async insertRow(): Promise<void> {
    const { transaction } = this;
    transaction.datetime = uniqueDatetime(this.connection.clock);
    const { state } = internalsOf(transaction);
    state.generatedKey = true;
    try {
      await transaction.save({ raiseOnConflict: true });
    } finally {
      state.generatedKey = false; // whoever saves the instance later may have given it another key
    }
  }
}

/** The keys of a transaction's row as they are now. */
function rowKeys(transaction: object): { readonly hashKey: unknown; readonly datetime: string | undefined } {
  const { model, values } = internalsOf(transaction);
  // True: the library itself gives the datetime, as text.
  return { hashKey: values[bindingOf(model).spec.hash.name], datetime: values["datetime"] as string | undefined };
}

import { datetimeText } from "../base/clock.js";
import { ValidationError } from "../base/errors.js";
import { isIn, lt } from "../model/condition.js";
import type { AnyIndexes } from "../model/definition-types.js";
import { DynamoDBModel, defineOn } from "../model/model.js";
import { asModel, bindingOf, internalsOf } from "../model/model-core.js";
import type { ClassOf, ModelStatics, SaveOptions, SignalOptions } from "../model/model-types.js";
import type { Query } from "../model/query.js";
import type { Fields, Input, Shape } from "../model/schema-types.js";
import { sequential } from "./backends/sequential.js";
import { commitTransaction, runningOptions } from "./commit.js";
import { withTransactionFields } from "./definition.js";
import type { Backend } from "./backend.js";
import type { CommitPolicy } from "./operation.js";
import { transactor } from "./transactor.js";
import type { Transactor } from "./transactor.js";
import type {
  Combine,
  CommitOptions,
  Target,
  TransactionDefinition,
  TransactionFields,
  TransactionIndexes,
  TransactionInstance,
} from "./types.js";

/** How a transaction class is committed, unless it says otherwise. */
const defaults: Omit<CommitPolicy, "name"> = {
  backend: sequential(),
  maxRetries: 100,
  transient: false,
  writeAhead: false,
  combine: true,
  statusesToSave: new Set(["running", "done"]),
};

// Without its statics: Transaction.define has a signature of its own, and a static may not be overridden incompatibly.
const Model = DynamoDBModel as abstract new <F = unknown>(values?: object) => DynamoDBModel<F>;

/** One business operation: what it reads, what it changes, and the row that tells of it. */
export abstract class Transaction<F = unknown> extends Model<F> implements TransactionInstance<F> {
  declare transient?: boolean;
  subtransactions: TransactionInstance[] = [];

  setup(): void | Promise<void> {}

  transactors(): readonly Transactor[] | Promise<readonly Transactor[]> {
    const base = Transaction.prototype;
    // Only sub-transactions. One of the two alone is a mistake, and finds no target.
    if (this.getTarget === base.getTarget && this.alterTarget === base.alterTarget) return [];
    return [
      transactor(
        () => this.getTarget(),
        (target) => this.alterTarget(target),
      ),
    ];
  }

  getTarget(): Target | Promise<Target> {
    return undefined;
  }

  alterTarget(target: unknown): unknown {
    return target;
  }

  async applySubtransactions(): Promise<void> {
    const { backend, combine, signal } = runningOptions(this);
    for (const subtransaction of this.subtransactions) await subtransaction.commit({ backend, combine, signal });
  }

  /** Called by `commit` for the row. A transient transaction has none: nothing happens. */
  override async save(options: SaveOptions<F> = {}): Promise<void> {
    if (this.transient ?? policyOf(this).transient) return;
    await super.save(options);
  }

  async commit(options: CommitOptions = {}): Promise<this> {
    // True: every defined transaction has these two attributes.
    await commitTransaction(this as this & TransactionFields, policyOf(this), options);
    return this;
  }

  /**
   * Makes the base class of a transaction: `class Transfer extends Transaction.define({ ... }) {}`. Its rows have the
   * given hash key and the range key `datetime`. Throws `SchemaError` for a definition that cannot be stored.
   */
  static define<Sh extends Shape, const H extends keyof Sh & string, const X extends TransactionIndexes<Sh> = {}>(
    definition: TransactionDefinition<Sh, H, X>,
  ): TransactionClass<Sh, H, X> {
    const defined = defineOn(Transaction, withTransactionFields(definition));
    Object.assign(defined, defaults, { unfinished });
    // True: defineOn gives the statics of models, and the line above those of transactions.
    return defined as unknown as TransactionClass<Sh, H, X>;
  }
}

/** The class that `define` makes: attributes of shape Sh, key names H and `datetime`, indexes X. */
export interface TransactionClass<Sh extends Shape, H, X extends AnyIndexes> extends ModelStatics<
  Fields<Sh> & TransactionFields,
  H,
  "datetime",
  X
> {
  new (values: Input<Sh>): Transaction<Fields<Sh> & TransactionFields> & Fields<Sh> & TransactionFields;
  /** How writes become durable. Default: `sequential()`. */
  backend: Backend;
  /** How often each target (with `atomic()`: the whole operation) is attempted at the most. Default: 100. */
  maxRetries: number;
  /** True: no rows are saved. Default: false. */
  transient: boolean;
  /** True: the row is saved as `pending` before the first target changes, so that a process that dies leaves a trace. Default: false. */
  writeAhead: boolean;
  /**
   * Whether commits of this process at the same item are combined into one write, where their getters know it
   * (`Account.at(id)`); with `sequential()`. Default: true.
   */
  combine: Combine;
  /** With which status a row is saved at the end. Default: `running` and `done`. */
  statusesToSave: ReadonlySet<string>;
  /** Rows of operations that did not end, begun more than `olderThan` milliseconds ago. Reads the whole table. */
  unfinished<M>(this: ClassOf<M>, options: { readonly olderThan: number } & SignalOptions): Query<M>;
}

/** The statics of a transaction's class, which `define` put there and the class may have overridden. */
function policyOf(transaction: object): CommitPolicy {
  return internalsOf(transaction).model as unknown as CommitPolicy;
}

/** See `TransactionClass.unfinished`. */
function unfinished(
  this: unknown,
  { olderThan, signal }: { readonly olderThan: number } & SignalOptions,
): Query<object> {
  const model = asModel(this);
  if (!Number.isFinite(olderThan))
    throw new ValidationError(
      `${model.name}.unfinished: olderThan must be a number of milliseconds, but it is ${olderThan}`,
    );
  const before = datetimeText((bindingOf(model).connection.clock.now() - olderThan) * 1000);
  // True: the class has the statics of models over a transaction's fields.
  const rows = this as Pick<ModelStatics<TransactionFields, "datetime", never, AnyIndexes>, "scan"> & ClassOf<object>;
  return rows.scan({
    filter: { status: isIn(["pending", "running"] as const), datetime: lt(before) },
    signal,
    consistent: true,
  });
}

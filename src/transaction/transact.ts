import { ValidationError } from "../base/errors.js";
import { currentConnection } from "../dynamodb/connection.js";
import type { Connection } from "../dynamodb/connection.js";
import { asModel } from "../model/model-core.js";
import type { AnyModelClass, ClassOf, ModelInstance, SignalOptions, keyMark } from "../model/model-types.js";
import { findByKey, getByKey } from "../model/model-statics.js";
import { runInSession } from "../model/session.js";
import type { AtomicBackend } from "./backend.js";
import { atomic } from "./backends/atomic/atomic.js";
import { CommitReport } from "./commit-report.js";
import { HeldRun, runningAttempt } from "./session/held-run.js";
import type { Attempt, RunHome } from "./session/held-run.js";

/** What the function given to `transact` works with. Everything throws `ValidationError` once that function has ended. */
export interface TransactionContext {
  /** As `model.get(...key)` inside the transaction. Throws `ItemNotFoundError`. */
  get<M, C extends AnyModelClass>(model: C & ClassOf<M>, ...key: C[typeof keyMark]): Promise<M>;
  /** As `get`, but `undefined` when there is no such item; that it was absent is checked at the commit, too. */
  find<M, C extends AnyModelClass>(model: C & ClassOf<M>, ...key: C[typeof keyMark]): Promise<M | undefined>;
  /** The instance is stored at the commit as it is at the end of the function, changed or not; a new one over whatever is there. */
  put(instance: ModelInstance): void;
  /** The item is gone after the commit. */
  delete(instance: ModelInstance): void;
}

export interface TransactOptions extends SignalOptions {
  /** Default: `atomic()`. One that cannot hold writes back (`sequential()`) is a `ValidationError`. */
  readonly backend?: AtomicBackend | undefined;
  /** The transaction's own connection: where its events are told, and its record is kept when it needs one. Default: that of the first item it touches, else the default one. */
  readonly connection?: Connection | undefined;
  /** How often it is attempted at the most, when others change what it has read. Default: 100. */
  readonly maxRetries?: number | undefined;
}

const defaultMaxRetries = 100;

/**
 * Runs `work` as one transaction and resolves with what it returned: everything it has read by key is still as it was at
 * the commit, and everything it has changed, saved and deleted is stored at once, or nothing. What was read and changed
 * is written without being asked. After a conflict `work` runs again, so it must have no effects elsewhere. What it
 * throws comes out, and nothing was written.
 *
 * Models join by themselves: `Account.get`, `query`, `save`, `commit` and the like inside `work` belong to the
 * transaction, also in functions that it calls; inside a running transaction, so does `transact` itself. Items that a
 * query or scan brings are protected as others are; that none is added which it would have brought, is not.
 *
 * Throws `MaxRetriesExceededError`, `ConditionFailedError`, `ConflictError` (for an instance that was read before the
 * transaction and is no longer what is stored), `AmbiguousWriteError`, `ValidationError`, `RequestError`.
 */
export async function transact<T>(
  work: (tx: TransactionContext) => T | PromiseLike<T>,
  options: TransactOptions = {},
): Promise<T> {
  const { backend = atomic(), connection, maxRetries = defaultMaxRetries, signal } = options;
  // Whatever the compiler says, a caller in JavaScript may give anything.
  if (!(backend as { readonly holdsWrites: boolean }).holdsWrites)
    throw new ValidationError(`transact: ${(backend as { name: string }).name}() cannot hold writes back`);
  if (!Number.isInteger(maxRetries) || maxRetries < 1)
    throw new ValidationError(`transact: maxRetries must be a whole number from 1 on, but it is ${maxRetries}`);
  const around = runningAttempt();
  if (around !== undefined) {
    (signal ?? around.run.signal)?.throwIfAborted();
    return work(contextOf(around));
  }
  signal?.throwIfAborted();
  const place = new TransactPlace(backend, connection);
  const run = new HeldRun({
    backend,
    table: "",
    maxRetries,
    signal,
    home: () => place.home,
    onTouch: (touched) => place.touch(touched),
  });
  return place.reported(() =>
    run.commit(async (attempt) => {
      place.attempting(attempt.attempt);
      await run.takeTurns([]);
      return work(contextOf(attempt));
    }),
  );
}

function contextOf({ session }: Attempt): TransactionContext {
  // Whoever calls belongs to the transaction, wherever the call comes from.
  const within = <T>(call: () => T): T => runInSession(session, call);
  return {
    // True: an instance of the class, which is what its statics bring.
    get: (model, ...key) => within(() => getByKey(asModel(model), key)) as Promise<never>,
    find: (model, ...key) => within(() => findByKey(asModel(model), key)) as Promise<never>,
    put: (instance) => session.put(instance),
    delete: (instance) => session.remove(instance),
  };
}

/** Where a transaction without a class belongs: known at once, or when it touches its first item. */
class TransactPlace {
  readonly #backend: AtomicBackend;
  #home: RunHome | undefined;
  #attempts = 0;

  constructor(backend: AtomicBackend, connection: Connection | undefined) {
    this.#backend = backend;
    if (connection !== undefined) this.touch(connection);
  }

  get home(): RunHome {
    return this.#home ?? this.touch(currentConnection("transact"));
  }

  touch(connection: Connection): RunHome {
    if (this.#home !== undefined) return this.#home;
    const report = new CommitReport({
      connection,
      transaction: "transact",
      backend: this.#backend.name,
      table: "",
      rowKeys: () => ({ hashKey: undefined, datetime: undefined }),
      parent: undefined,
    });
    this.#home = { connection, report };
    report.begin();
    for (let attempt = 1; attempt <= this.#attempts; attempt++) report.attempting(attempt, () => undefined);
    return this.#home;
  }

  attempting(attempt: number): void {
    this.#attempts = attempt;
    this.#home?.report.attempting(attempt, () => undefined);
  }

  /** Where it is not known yet where the transaction belongs, `begin` is told late, and the scopes asked for there are not entered. */
  async reported<T>(run: () => Promise<T>): Promise<T> {
    const results: T[] = [];
    const once = async (): Promise<void> => void results.push(await run());
    try {
      await (this.#home === undefined ? once() : this.#home.report.run(once));
    } catch (error) {
      this.#home?.report.failed(error, "pending");
      throw error;
    }
    this.#home?.report.done();
    // True: the run has succeeded.
    return results[0] as T;
  }
}

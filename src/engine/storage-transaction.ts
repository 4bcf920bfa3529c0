import { ValidationError } from "../base/errors.js";
import { CommitError, RetriableError, UserAborted, isLost } from "../base/tx-errors.js";
import { jsonCopy } from "../storage/json.js";
import type { Json } from "../storage/json.js";
import type { Storage } from "../storage/storage.js";
import { HeldKeys, journalOf, lockLost, notLocked, unlockNotAllowed } from "./held-keys.js";
import { Lifetime } from "./lifetime.js";
import { SavedState } from "./saved-state.js";
import { COMMITTED, PAUSED, PURGED, UNKNOWN } from "./status.js";
import type { TXStatus } from "./status.js";
import { checkKey, checkOptions } from "./transaction-options.js";
import type { CommitOptions, LockGetOptions, StorageTransactionOptions } from "./transaction-options.js";
import { TransactionLocks } from "./transaction-locks.js";
import type { TXRecord } from "./tx-record.js";

/** How long to look for the outcome of a commit whose answer was lost, beyond the transaction's time. */
const outcomeTimeoutMs = 10_000;

/**
 * A transaction on a `Storage`: locks records before it reads them, and commits all its changes at once. Use it by `run`,
 * by `runTx`, or by `begin` and, whatever happens, `close`.
 */
export class StorageTransaction implements AsyncDisposable {
  readonly storage: Storage;
  readonly #options: StorageTransactionOptions;
  readonly #keys = new HeldKeys();
  readonly #state: SavedState;
  #txid: number | undefined;
  #begun = false;
  #life: Lifetime | undefined;
  #locks: TransactionLocks | undefined;
  #status: TXStatus | undefined;
  #committing: Promise<void> | undefined;

  constructor(storage: Storage, options: StorageTransactionOptions = {}) {
    checkOptions(options);
    this.storage = storage;
    this.#options = options;
    this.#txid = options.txid;
    this.#state = new SavedState(storage, options.state ?? "stored");
  }

  /** The transaction's id, its seniority: known from the beginning on. */
  get txid(): number | undefined {
    return this.#txid;
  }

  /** What became of it, once it has ended. */
  get status(): TXStatus | undefined {
    return this.#status;
  }

  /** The keys that it holds locked. */
  get lockedKeys(): readonly string[] {
    return this.#keys.names;
  }

  /** The milliseconds until it must have committed; 0 before it has begun. */
  get timeLeft(): number {
    return this.#life?.timeLeft ?? 0;
  }

  /**
   * Begins the transaction, or takes over one that died: with its locks, its changes, and the time that it has left.
   * Throws `TXTimeout` when it lives elsewhere, or its time is over.
   */
  async begin(txid?: number): Promise<this> {
    if (this.#begun) throw new ValidationError("begin(): this transaction has begun already");
    this.#begun = true;
    const startMs = this.storage.clock.now();
    const given = this.#txid ?? txid;
    this.#txid = given ?? (await this.storage.nextTxid());
    const life = await Lifetime.begin(this.storage, this.#options, this.#txid, startMs);
    this.#life = life;
    const isOver = (): boolean => this.#status !== undefined;
    const giveWay = (): Promise<void> => this.#purge(true);
    const common = { storage: this.storage, txid: this.#txid, keys: this.#keys };
    this.#locks = new TransactionLocks({ ...common, life, isOver, giveWay });
    try {
      if (given !== undefined) await this.#restore(life, this.#locks);
      life.checkTime("begin()");
    } catch (error) {
      await this.close();
      throw error;
    }
    return this;
  }

  async #restore(life: Lifetime, locks: TransactionLocks): Promise<void> {
    const saved = await this.#state.load(this.#id);
    if (saved === undefined) return;
    life.startMs = saved.start_ts * 1000;
    life.checkTime("begin()"); // before the keys are locked
    await locks.restore(saved.got_keys);
  }

  /**
   * Locks a record and reads it. A record that is locked already is copied from memory. Resolves with null when not
   * `blocking` and somebody alive has it. Throws `Deadlock`, `TXTimeout`, `ConnectionLoss`.
   */
  lockGet<V = Json>(key: string, options: LockGetOptions & { readonly blocking: false }): Promise<TXRecord<V> | null>;
  lockGet<V = Json>(
    key: string,
    options?: LockGetOptions & { readonly blocking?: true | undefined },
  ): Promise<TXRecord<V>>;
  lockGet<V = Json>(key: string, options?: LockGetOptions): Promise<TXRecord<V> | null>;
  async lockGet(
    key: string,
    { blocking = true, latest = true, timeout }: LockGetOptions = {},
  ): Promise<TXRecord | null> {
    checkKey(key);
    const { locks } = this.#check("lockGet()");
    if (blocking) await locks.lock([key], timeout);
    else if (!(await locks.tryLock(key))) return null;
    return locks.held(key).record(latest);
  }

  /**
   * Locks several records and reads them, in as many round trips as one takes when they are free. Keeps their order. While
   * it holds nothing else, it never throws `Deadlock`: it waits with empty hands.
   */
  async lockGetAll<const K extends readonly string[]>(
    keys: K,
    options: Omit<LockGetOptions, "blocking"> = {},
  ): Promise<{ readonly [I in keyof K]: TXRecord }> {
    for (const key of keys) checkKey(key);
    const { locks } = this.#check("lockGetAll()");
    await locks.lock(keys, options.timeout);
    const records = keys.map((key) => locks.held(key).record(options.latest ?? true));
    return records as { readonly [I in keyof K]: TXRecord }; // one for each key
  }

  /** Frees a record that was not changed. Throws `NotLocked`, `UnlockNotAllowed`; the transaction goes on. */
  async unlock(record: Pick<TXRecord, "k">): Promise<void> {
    const { life, locks } = this.#check("unlock()");
    const held = locks.held(record.k);
    if (held.isChanged) throw unlockNotAllowed(this.#id, record.k);
    this.#keys.delete(record.k);
    // Whoever goes on with it must not want a key back that is somebody else's by then.
    if (this.#state.isStored) await this.#state.save(this.#id, this.#keys.names, life.startMs, this.#state.data);
    try {
      await life.batches.apply({ locks: [{ key: record.k, version: held.lockVersion }] });
    } catch (error) {
      if (!(error instanceof CommitError)) throw error;
      throw lockLost(this.#id, record.k, error);
    }
  }

  /**
   * Takes note that a record is to be committed as it is now, null meaning deleted, and keeps that in its lock for whoever
   * goes on with the transaction. Throws `NotLocked`, and `ValidationError` for what JSON cannot hold.
   */
  async set(record: Pick<TXRecord, "k" | "v">): Promise<void> {
    const { life, locks } = this.#check("set()");
    const held = locks.held(record.k);
    try {
      await held.write(this.storage, life.alive, jsonCopy(record.v, `the value of ${record.k}`));
    } catch (error) {
      if (!isLost(error)) throw error;
      throw lockLost(this.#id, held.key, error);
    }
  }

  /** What `setState` saved, here or in the process that died; null if nothing. */
  async getState<D = Json>(): Promise<D | null> {
    this.#check("getState()");
    return this.#state.data;
  }

  /** Saves data with which another process can go on, and the keys that are locked now. From then on the transaction outlives its process. */
  async setState(data: unknown): Promise<void> {
    const { life } = this.#check("setState()");
    await this.#state.save(this.#id, this.#keys.names, life.startMs, jsonCopy(data, "the state"));
  }

  /**
   * Commits all that was `set`, and ends the transaction: `COMMITTED`, or `PURGED` when nothing changed. Throws
   * `CommitError` and `TXTimeout` with nothing applied, and `ConnectionLoss`: with status `UNKNOWN` when nobody can tell.
   */
  async commit({ force = false }: CommitOptions = {}): Promise<void> {
    this.#check("commit()");
    this.#committing = this.#commit(force);
    await this.#committing;
  }

  async #commit(force: boolean): Promise<void> {
    await this.#keys.written();
    const { batches, timeLeft } = this.#check("commit()").life; // that may have taken its time
    const records = this.#keys.changes(this.#options.maxValueHistory ?? 2);
    const journal = force || records.length > 0 ? journalOf(records) : undefined;
    const reads = this.#keys.reads(records);
    const batch = { records, reads, locks: this.#keys.locks, stateVersion: this.#state.version, journal };
    await batches.commit(batch, timeLeft + outcomeTimeoutMs, () => this.#end(UNKNOWN));
    this.#end(journal ? COMMITTED : PURGED);
  }

  /** Ends the transaction with nothing committed and nothing left, and throws `UserAborted` to leave the operation. */
  async abort(): Promise<never> {
    this.#check("abort()");
    await this.#purge();
    throw new UserAborted(`transaction ${this.#id} was aborted`, { txid: this.#id });
  }

  /**
   * Runs an operation: begins, and closes whatever happens. What the operation throws is thrown, except `UserAborted`,
   * which is an end as good as any. After a `RetriableError` nothing is left of it, even if it had saved state.
   */
  async run(operation: (tx: this) => unknown): Promise<void> {
    try {
      if (!this.#begun) await this.begin();
      await operation(this);
    } catch (error) {
      const over = error instanceof UserAborted || error instanceof RetriableError;
      if (over && this.#status === undefined) await this.#purge().catch(() => {}); // then `close` says what is left
      if (!(error instanceof UserAborted)) throw error;
    } finally {
      await this.close();
    }
  }

  /**
   * Leaves the transaction. One that has not ended is `PAUSED` if its state is saved: its locks stay, for whoever goes on
   * with it. Without state it is `PURGED`. Does not throw: a store out of reach makes it `UNKNOWN`. Fine more than once.
   */
  async close(): Promise<void> {
    const alive = this.#life?.alive;
    await this.#committing?.catch(() => {}); // nobody awaited it
    if (this.#status !== undefined || alive === undefined) return;
    try {
      if (alive.lost.aborted) this.#end((await this.#state.isThere(this.#id)) ? PAUSED : PURGED);
      else if (!this.#state.isStored) await this.#purge();
      else {
        await alive.release();
        this.#end(PAUSED);
      }
    } catch {
      this.#end(UNKNOWN);
      await alive.release().catch(() => {}); // nobody is to wait for it
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Drops locks, state and the mark of life. */
  async #purge(waitsGoOn = false): Promise<void> {
    await this.#keys.written().catch(() => {}); // so that the locks' versions are known
    await this.#life?.batches.purge(this.#keys.locks, this.#state.version);
    this.#end(PURGED, waitsGoOn);
  }

  #end(status: TXStatus, waitsGoOn = false): void {
    this.#status = status;
    this.#keys.clear();
    if (!waitsGoOn) this.#life?.endWaits(notLocked(this.#id, "what was waited for"));
  }

  get #id(): number {
    // Called after `begin` alone.
    return this.#txid as number;
  }

  /** That the transaction is in the middle of its life. */
  #check(call: string): { readonly life: Lifetime; readonly locks: TransactionLocks } {
    const [life, locks] = [this.#life, this.#locks];
    if (life === undefined || locks === undefined) throw new ValidationError(`${call}: the transaction has not begun`);
    if (this.#status) throw new ValidationError(`${call}: transaction ${this.#id} has ended: ${this.#status}`);
    life.check(call);
    return { life, locks };
  }
}

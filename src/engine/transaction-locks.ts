import type { Storage } from "../storage/storage.js";
import type { HeldLock } from "../storage/types.js";
import { lockKeys } from "./acquisition.js";
import { HeldKey, notLocked } from "./held-keys.js";
import type { HeldKeys } from "./held-keys.js";
import type { Lifetime } from "./lifetime.js";
import { takeFree, tryKey } from "./locker.js";
import type { Locker } from "./locker.js";

export interface TransactionLocksOptions {
  readonly storage: Storage;
  readonly txid: number;
  readonly life: Lifetime;
  readonly keys: HeldKeys;
  /** Whether the transaction has ended. */
  readonly isOver: () => boolean;
  /** See `Locker`. */
  readonly giveWay: () => Promise<void>;
}

/** The locks of one transaction, from its beginning on. */
export class TransactionLocks implements Locker {
  readonly #options: TransactionLocksOptions;
  /** Whether what `set` left in its locks is to be committed still: it goes on with one that saved its state. */
  #isResumed = false;

  constructor(options: TransactionLocksOptions) {
    this.#options = options;
  }

  get storage(): Storage {
    return this.#options.storage;
  }

  get txid(): number {
    return this.#options.txid;
  }

  get signal(): AbortSignal {
    return this.#options.life.signal;
  }

  get outerSignal(): AbortSignal {
    return this.#options.life.outerSignal;
  }

  /** A key that is locked. Throws `NotLocked`. */
  held(key: string): HeldKey {
    const held = this.#options.keys.get(key);
    if (held === undefined) throw notLocked(this.txid, key);
    return held;
  }

  /** Locks keys, those that are not locked yet, within `timeout` milliseconds, or as long as may be waited for a lock. */
  async lock(keys: readonly string[], timeout: number | undefined): Promise<void> {
    const missing = [...new Set(keys)].filter((key) => this.#options.keys.get(key) === undefined);
    if (missing.length > 0) await lockKeys(this, missing, this.#options.life.lockTime(timeout));
  }

  /** Locks a key unless somebody alive has it. Resolves with whether it is locked. */
  async tryLock(key: string): Promise<boolean> {
    return this.#options.keys.get(key) !== undefined || (await tryKey(this, key));
  }

  /** Takes over the locks of the process before. */
  async restore(keys: readonly string[]): Promise<void> {
    this.#isResumed = true;
    // Nobody can have taken a lock of a transaction with state: what somebody else has, it had unlocked.
    await takeFree(this, keys, new Set(), this.signal);
  }

  holdsBeyond(fresh: ReadonlySet<string>): boolean {
    return this.#options.keys.holdsBeyond(fresh);
  }

  nextLock(): Promise<void> {
    return this.#options.keys.nextAdded();
  }

  hold(key: string, lock: HeldLock): void {
    const { keys, isOver } = this.#options;
    // Of a transaction that has ended, whoever wants the lock breaks it; of a paused one, it is its successor's.
    if (!isOver() && keys.get(key) === undefined) keys.add(new HeldKey(key, lock, this.#isResumed));
  }

  async free(freed: readonly string[]): Promise<void> {
    const { keys, life } = this.#options;
    const locks = keys.locks.filter(({ key }) => freed.includes(key));
    for (const { key } of locks) keys.delete(key);
    if (locks.length > 0) await life.batches.apply({ locks });
  }

  giveWay(): Promise<void> {
    return this.#options.giveWay();
  }

  endWaits(reason: Error): void {
    this.#options.life.endWaits(reason);
  }
}

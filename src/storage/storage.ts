import { monotonicMs, systemClock } from "../base/clock.js";
import type { Clock } from "../base/clock.js";
import { WaitingLines } from "../base/waiting-lines.js";
import { within } from "../base/within.js";
import { TXTimeout } from "../base/tx-errors.js";
import type { KeyValue } from "./accessor.js";
import { StorageHelper } from "./storage-helper.js";
import type { AliveMark, Batch, Fate, HeldLock, Holder, Outcome, Release, SetRecord, StateEntry } from "./types.js";

export interface AcquireAliveOptions {
  /** Told in the mark to whoever looks, null by default. */
  readonly owner?: string | undefined;
  /** How long to wait while somebody else has the mark, in milliseconds. */
  readonly timeout: number;
  readonly signal?: AbortSignal | undefined;
}

export interface KeyLoopOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Who holds a key: the transaction's id, its lock's version, and what has become of it. */
export type KeyHolder = readonly [txid: number, version: number, fate: Fate];

/**
 * What the engine of `StorageTransaction` works on: records, journals, locks, marks of life and saved state. Locks and
 * state outlive the process that made them; a mark of life does not.
 */
export abstract class Storage extends StorageHelper {
  /** Time, and how long waits may be. */
  readonly clock: Clock;
  /** Those of this storage's users who wait for the same key with empty hands. */
  readonly lines = new WaitingLines();
  /** The saved state of transactions, by txid. */
  abstract readonly state: KeyValue<StateEntry, number>;

  constructor(clock: Clock = systemClock) {
    super();
    this.clock = clock;
  }

  /** A transaction id greater than any before; the first is 1. */
  abstract nextTxid(): Promise<number>;

  /** Marks a transaction as alive, unless somebody else does. */
  abstract tryAlive(txid: number, owner: string | undefined): Promise<AliveMark | undefined>;

  abstract isAlive(txid: number): Promise<boolean>;

  /** Resolves once a transaction has no mark of life. Throws `ConnectionLoss`, and the signal's reason. */
  abstract waitDead(txid: number, signal?: AbortSignal): Promise<void>;

  /** Takes the lock of a key, or tells who has it. What it watches, it watches until the signal aborts. */
  abstract tryLock(txid: number, key: string, signal: AbortSignal): Promise<HeldLock | Holder>;

  /** Frees the key of a transaction that is dead without state; does nothing when somebody else is doing so, or it is not. */
  abstract breakLock(key: string, txid: number): Promise<void>;

  /** Frees a key if that transaction holds it. */
  abstract tryReleaseKey(txid: number, key: string): Promise<Release>;

  /** Keeps a changed record in its lock. Resolves with the lock's new version. Throws `BadVersionError`, `NoNodeError`. */
  abstract setLockValue(alive: AliveMark, value: SetRecord, version: number): Promise<number>;

  /**
   * Applies a batch, all or nothing; the one and only way in which records change. Resolves with the journal's id, once
   * that is recorded as committed, or could not be: the next one covers it. Throws `CommitError` when it is refused (nothing was applied), and `ConnectionLoss`
   * when the answer was lost: `outcome` finds out.
   */
  abstract commit(batch: Batch): Promise<number | undefined>;

  /** What became of a batch whose answer was lost; with "refused" it can never be applied any more. Does not throw. */
  abstract outcome(batch: Batch, timeout: number): Promise<Outcome>;

  /** The ids of all transactions that have state saved. */
  abstract stateTxids(): Promise<readonly number[]>;

  /** Ends this client of the store: its marks of life end, its transactions get `ConnectionLoss`. May be called twice. */
  abstract close(): Promise<void>;

  /** Marks a transaction as alive; waits while somebody else does. Throws `TXTimeout`, `ConnectionLoss`, and the signal's reason. */
  async acquireAlive(txid: number, { owner, timeout, signal }: AcquireAliveOptions): Promise<AliveMark> {
    const deadline = monotonicMs(this.clock) + timeout;
    for (;;) {
      signal?.throwIfAborted();
      const mark = await this.tryAlive(txid, owner);
      if (mark !== undefined) return mark;
      const watching = new AbortController();
      try {
        const dead = this.waitDead(txid, watching.signal);
        if (await within(this.clock, deadline - monotonicMs(this.clock), dead, signal)) continue;
      } finally {
        watching.abort();
      }
      throw new TXTimeout(`transaction ${txid} is alive elsewhere, and was for ${timeout} ms`, { txid });
    }
  }

  /**
   * Takes the lock of a key, in at most `timeout` milliseconds: yields its holder, and again each time the lock or its
   * holder's fate has changed, and returns when the lock is taken, at once when that transaction has it already. Whoever
   * iterates may break a dead holder's lock in between. With a timeout of 0 it tries once. Throws `TXTimeout`,
   * `ConnectionLoss`, and the signal's reason.
   */
  async *acquireKeyLoop(
    txid: number,
    key: string,
    timeout: number,
    { signal }: KeyLoopOptions = {},
  ): AsyncGenerator<KeyHolder, HeldLock, undefined> {
    const deadline = monotonicMs(this.clock) + timeout;
    for (;;) {
      signal?.throwIfAborted();
      const watching = new AbortController();
      try {
        const lock = await this.tryLock(txid, key, watching.signal);
        if (lock.held) return lock;
        lock.changed.catch(() => {}); // whoever iterates may leave
        yield [lock.txid, lock.version, lock.fate];
        const left = deadline - monotonicMs(this.clock);
        if (!(await within(this.clock, left, lock.changed, signal))) {
          throw new TXTimeout(`no lock of ${key} within ${timeout} ms: transaction ${lock.txid} has it`, { txid, key });
        }
      } finally {
        watching.abort();
      }
    }
  }
}

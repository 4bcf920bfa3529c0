import { ConnectionLoss, TXTimeout } from "../base/tx-errors.js";
import type { Storage } from "../storage/storage.js";
import type { AliveMark } from "../storage/types.js";
import { Batches } from "./batches.js";
import type { StorageTransactionOptions } from "./transaction-options.js";

export const defaultTimeoutMs = 10_000;

/** The time in which a transaction lives in this process: its mark of life, its deadline, and what may end it. */
export class Lifetime {
  readonly alive: AliveMark;
  /** What it writes. */
  readonly batches: Batches;
  /** Aborts when the transaction may be taken for dead, or its caller gives up. */
  readonly outerSignal: AbortSignal;
  /** Aborts then, and when the transaction has ended: no wait outlives it. */
  readonly signal: AbortSignal;
  readonly #ended = new AbortController();
  readonly #storage: Storage;
  readonly #options: StorageTransactionOptions;
  /** When the transaction began, here or in the process that died. */
  startMs: number;

  private constructor(storage: Storage, options: StorageTransactionOptions, alive: AliveMark, startMs: number) {
    this.#storage = storage;
    this.#options = options;
    this.alive = alive;
    this.batches = new Batches(storage, alive);
    this.startMs = startMs;
    this.outerSignal = options.signal ? AbortSignal.any([alive.lost, options.signal]) : alive.lost;
    this.signal = AbortSignal.any([this.outerSignal, this.#ended.signal]);
  }

  /** Marks the transaction as alive. Throws `TXTimeout` when it is alive elsewhere for too long. */
  static async begin(
    storage: Storage,
    options: StorageTransactionOptions,
    txid: number,
    startMs: number,
  ): Promise<Lifetime> {
    const { zkOwner: owner, timeout = defaultTimeoutMs, signal } = options;
    const left = startMs + timeout - storage.clock.now();
    const alive = await storage.acquireAlive(txid, { owner, timeout: left, signal });
    return new Lifetime(storage, options, alive, startMs);
  }

  /** Ends every wait that is left, with this error. */
  endWaits(reason: Error): void {
    this.#ended.abort(reason);
  }

  get timeLeft(): number {
    return this.startMs + (this.#options.timeout ?? defaultTimeoutMs) - this.#storage.clock.now();
  }

  /** How long a lock may be waited for. */
  lockTime(timeout: number | undefined): number {
    return Math.min(timeout ?? this.#options.lockTimeout ?? Infinity, this.timeLeft);
  }

  /** That it goes on. Throws `ConnectionLoss`, `TXTimeout`, and the reason of the caller's signal. */
  check(call: string): void {
    const { txid, lost } = this.alive;
    if (lost.aborted) {
      const message = `${call}: transaction ${txid} lost its connection, and may be taken for dead`;
      throw new ConnectionLoss(message, { txid, cause: lost.reason });
    }
    this.#options.signal?.throwIfAborted();
    this.checkTime(call);
  }

  checkTime(call: string): void {
    if (this.timeLeft > 0) return;
    const { timeout = defaultTimeoutMs } = this.#options;
    const { txid } = this.alive;
    throw new TXTimeout(`${call}: transaction ${txid} has had its ${timeout} ms`, { txid });
  }
}

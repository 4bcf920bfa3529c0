import { ConnectionLoss } from "../base/tx-errors.js";
import type { Storage } from "../storage/storage.js";
import type { AliveMark, Batch } from "../storage/types.js";

/** What one transaction writes to its store while its mark of life is there, batch by batch. */
export class Batches {
  readonly #storage: Storage;
  readonly #alive: AliveMark;
  #purging: Promise<void> | undefined;

  constructor(storage: Storage, alive: AliveMark) {
    this.#storage = storage;
    this.#alive = alive;
  }

  /** Applies a batch. Throws what `Storage.commit` does. */
  async apply(part: Partial<Batch>): Promise<void> {
    await this.#storage.commit(this.#batch(part));
  }

  /**
   * Applies the last batch; when its answer is lost, finds out what became of it, in `timeout` milliseconds. Throws
   * `CommitError`, and `ConnectionLoss` when it was not applied, or when nobody can tell: then `inDoubt` is called before.
   */
  async commit(part: Partial<Batch>, timeout: number, inDoubt: () => void): Promise<void> {
    const batch = this.#batch({ ...part, last: true });
    try {
      await this.#storage.commit(batch);
    } catch (error) {
      if (!(error instanceof ConnectionLoss)) throw error;
      const outcome = await this.#storage.outcome(batch, timeout);
      if (outcome === "applied") return;
      if (outcome === "unknown") inDoubt();
      const what = outcome === "unknown" ? "may or may not have been committed" : "was not committed";
      const { txid } = this.#alive;
      throw new ConnectionLoss(`transaction ${txid} ${what}: its connection was lost`, { txid, cause: error });
    }
  }

  /**
   * Drops locks, state and the mark of life, once however often it is called. Throws `CommitError` when another process
   * may have gone on with the transaction: all that is left is that one's.
   */
  purge(locks: Batch["locks"], stateVersion: number | undefined): Promise<void> {
    this.#purging ??= this.#purge(locks, stateVersion);
    return this.#purging;
  }

  async #purge(locks: Batch["locks"], stateVersion: number | undefined): Promise<void> {
    try {
      await this.apply({ locks, stateVersion, last: true });
    } catch (error) {
      if (error instanceof ConnectionLoss) throw error;
      // Something of it is gone already, or cannot go: then piece by piece, each only while the mark of life is its own.
      await Promise.all([{ stateVersion }, ...locks.map((lock) => ({ locks: [lock] }))].map((part) => this.#try(part)));
      const wasAlive = await this.#try({ last: true });
      if (!wasAlive && stateVersion !== undefined) throw error;
    }
  }

  /** Resolves with whether a batch was accepted. */
  async #try(part: Partial<Batch>): Promise<boolean> {
    try {
      await this.apply(part);
      return true;
    } catch (error) {
      if (error instanceof ConnectionLoss) throw error;
      return false;
    }
  }

  #batch(part: Partial<Batch>): Batch {
    const nothing = { last: false, records: [], reads: [], locks: [], stateVersion: undefined, journal: undefined };
    return { alive: this.#alive, ...nothing, ...part };
  }
}

import { StorageTransaction } from "../engine/storage-transaction.js";
import type { CommitOptions, StorageTransactionOptions } from "../engine/transaction-options.js";
import type { ZKSource } from "../storage/zookeeper/zk-client.js";
import { ZKStorage } from "../storage/zookeeper/zk-storage.js";

/**
 * A transaction on ZooKeeper. Takes hosts, a configuration, a client, or a `ZKStorage`; what it made itself, it closes. Many
 * transactions do best to share one `ZKStorage`, and so one session.
 */
export class ZKTransaction extends StorageTransaction {
  readonly #owned: boolean;

  constructor(source: ZKSource | ZKStorage, options: StorageTransactionOptions = {}) {
    super(source instanceof ZKStorage ? source : new ZKStorage(source), options);
    this.#owned = !(source instanceof ZKStorage);
  }

  override async begin(txid?: number): Promise<this> {
    try {
      return await super.begin(txid);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  override async commit(options?: CommitOptions): Promise<void> {
    await super.commit(options);
    await this.close();
  }

  override async close(): Promise<void> {
    await super.close();
    if (this.#owned) await this.storage.close();
  }
}

import type { Storage, StorageTransactionOptions } from "dynatx/zktx";
import { StorageTransaction } from "dynatx/zktx";
import { afterEach, beforeEach } from "vitest";

/** An empty store, and what may happen to its clients. */
export interface Store {
  /** A client of it, as another process would have one. */
  connect(): Promise<Storage>;
  /** The process of a client dies: what it marked as alive is so no longer. */
  crash(client: Storage): Promise<void>;
  /** The connection of a client breaks, and it notices. */
  disconnect(client: Storage): Promise<void>;
  close(): Promise<void>;
}

/** Makes an empty store. */
export type OpenStore = () => Promise<Store>;

/** What the scenarios work with: a store of each test's own. */
export interface Bench {
  /** The store of this test. */
  readonly store: Store;
  /** A client that most scenarios need no more than. */
  readonly storage: Storage;
  /** Another client. */
  connect(): Promise<Storage>;
  /** A transaction that has begun, closed after the test. */
  begin(options?: StorageTransactionOptions, storage?: Storage): Promise<StorageTransaction>;
  /** Commits one value, in a transaction of its own. */
  put(key: string, value: unknown): Promise<void>;
}

/** Makes a store for each test of the `describe` in which it is called. */
export function useStore(open: OpenStore): Bench {
  let store: Store;
  let storage: Storage;
  let opened: { close(): Promise<void> }[] = [];
  const connect = async (): Promise<Storage> => {
    const client = await store.connect();
    opened.push(client);
    return client;
  };
  const begin = async (options: StorageTransactionOptions = {}, client = storage): Promise<StorageTransaction> => {
    const tx = new StorageTransaction(client, { timeout: 5000, ...options });
    opened.push(tx);
    return tx.begin();
  };
  beforeEach(async () => {
    opened = [];
    store = await open();
    storage = await connect();
  });
  afterEach(async () => {
    for (const each of opened.toReversed()) await each.close();
    await store.close();
  });
  return {
    get store() {
      return store;
    },
    get storage() {
      return storage;
    },
    connect,
    begin,
    async put(key, value) {
      const tx = await begin();
      await change(tx, key, value);
      await tx.commit();
    },
  };
}

/** The holder of a key's lock, 0 if nobody has it. */
export async function holderOf(storage: Storage, key: string): Promise<number> {
  const [released, holder] = await storage.tryReleaseKey(Number.MAX_SAFE_INTEGER, key);
  return released ? 0 : holder;
}

/** Locks a record, and sets a value of it. */
export async function change(tx: StorageTransaction, key: string, value: unknown): Promise<void> {
  const record = await tx.lockGet(key);
  record.v = value;
  await tx.set(record);
}

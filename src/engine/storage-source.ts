import { ValidationError } from "../base/errors.js";
import { Storage } from "../storage/storage.js";
import type { ZKSource } from "../storage/zookeeper/zk-client.js";

/**
 * A storage, or what a ZooKeeper storage is made of: hosts (`"127.0.0.1:2181,127.0.0.2:2181"`), a configuration, a
 * `ZKClient`, or a client of `node-zookeeper-client`.
 */
export type StorageSource = Storage | ZKSource;

/** A storage, and whether it was made here: then it is closed here. */
export interface OpenedStorage {
  readonly storage: Storage;
  readonly owned: boolean;
}

/** The storage itself, or a ZooKeeper storage made of what is given. Throws `ValidationError` when its client is not installed. */
export async function openStorage(source: StorageSource): Promise<OpenedStorage> {
  if (source instanceof Storage) return { storage: source, owned: false };
  // Loaded when it is needed: not everybody who uses an engine has the client.
  const { ZKStorage } = await import("../storage/zookeeper/zk-storage.js").catch((error: unknown) => {
    throw new ValidationError("to work on ZooKeeper, install the package node-zookeeper-client", { cause: error });
  });
  return { storage: new ZKStorage(source), owned: true };
}

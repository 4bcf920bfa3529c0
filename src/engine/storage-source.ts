import { Storage } from "../storage/storage.js";

/** A storage, or what a ZooKeeper storage can be made of: hosts (`"127.0.0.1:2181"`), a configuration, a client. */
export type StorageSource = Storage | string | object;

/** A storage, and whether it was made here: then it is closed here. */
export interface OpenedStorage {
  readonly storage: Storage;
  readonly owned: boolean;
}

/** The storage itself, or a ZooKeeper storage made of what is given. */
export async function openStorage(source: StorageSource): Promise<OpenedStorage> {
  if (source instanceof Storage) return { storage: source, owned: false };
  throw new Error("TODO");
}

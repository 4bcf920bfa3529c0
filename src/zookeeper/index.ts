export { ZKKeyValue, ZKValue } from "../storage/zookeeper/zk-accessor.js";
export type { ZKAccessorOptions } from "../storage/zookeeper/zk-accessor.js";
export type { GivenClient } from "../storage/zookeeper/raw-client.js";
export { ZKClient } from "../storage/zookeeper/zk-client.js";
export type { ZKSessionOptions, ZKSource } from "../storage/zookeeper/zk-client.js";
export type { ZKConfig, ZKPermission, ZKUser } from "../storage/zookeeper/zk-config.js";
export { ZKStorage } from "../storage/zookeeper/zk-storage.js";
export type { ZKStorageOptions } from "../storage/zookeeper/zk-storage.js";
export { ZKTransaction } from "./zk-transaction.js";

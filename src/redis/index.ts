export type { RedisClient } from "../storage/redis/redis-client.js";
export { RedisStorage } from "../storage/redis/redis-storage.js";
export type { RedisStorageOptions } from "../storage/redis/redis-storage.js";

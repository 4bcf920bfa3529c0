import { randomBytes } from "node:crypto";
import { RedisStorage } from "dynatx/redis";
import type { Storage } from "dynatx/zktx";
import { afterAll, beforeAll, describe } from "vitest";
import { connectRedis, startRedis } from "../support/redis.js";
import type { PlainRedis, Redis } from "../support/redis.js";
import { TcpProxy } from "../support/tcp-proxy.js";
import { storageContract } from "./contract.js";

const leaseMs = 1000;

interface Client {
  readonly redis: PlainRedis;
  readonly proxy: TcpProxy;
  /** What it has marked as alive. */
  readonly marked: Set<number>;
}

describe("Redis", () => {
  let server: Redis;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());

  storageContract(async () => {
    const prefix = `{${randomBytes(6).toString("hex")}}:`;
    const clients = new Map<Storage, Client>();
    const observerClient = await connectRedis(server.url);
    const observer = new RedisStorage(observerClient, { prefix, leaseMs });
    const of = (storage: Storage): Client => clients.get(storage)!;
    return {
      async connect() {
        const proxy = await TcpProxy.start(server.port);
        const redis = await connectRedis(`redis://${proxy.hosts}`);
        const storage = new RedisStorage(redis, { prefix, leaseMs });
        const marked = new Set<number>();
        const tryAlive = storage.tryAlive.bind(storage);
        storage.tryAlive = async (txid, owner) => {
          const mark = await tryAlive(txid, owner);
          if (mark !== undefined) marked.add(txid);
          return mark;
        };
        clients.set(storage, { redis, proxy, marked });
        return storage;
      },
      async crash(storage) {
        const { proxy, marked } = of(storage);
        proxy.refuse();
        proxy.cut();
        await Promise.all([...marked].map((txid) => observer.waitDead(txid)));
      },
      async disconnect(storage) {
        const { redis, proxy } = of(storage);
        const broken = new Promise((resolve) => {
          redis.once("error", resolve);
        });
        proxy.refuse();
        proxy.cut();
        await broken;
      },
      async close() {
        for (const { redis, proxy } of clients.values()) {
          redis.destroy();
          await proxy.stop();
        }
        await observer.close();
        observerClient.destroy();
      },
    };
  });
});

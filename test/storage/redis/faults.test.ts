import { randomBytes } from "node:crypto";
import { RedisStorage } from "dynatx/redis";
import { CommitError, ConnectionLoss, StorageTransaction, runTx } from "dynatx/zktx";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connectRedis, startRedis } from "../../support/redis.js";
import type { PlainRedis, Redis } from "../../support/redis.js";
import { TcpProxy } from "../../support/tcp-proxy.js";

const leaseMs = 1500;

describe("a store in Redis survives", () => {
  let server: Redis;
  let proxy: TcpProxy;
  let clients: PlainRedis[];
  /** By way of the proxy. */
  let storage: RedisStorage;
  /** Directly. */
  let other: RedisStorage;
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    proxy = await TcpProxy.start(server.port);
    const prefix = `{${randomBytes(6).toString("hex")}}:`;
    clients = [await connectRedis(`redis://${proxy.hosts}`), await connectRedis(server.url)];
    storage = new RedisStorage(clients[0]!, { prefix, leaseMs });
    other = new RedisStorage(clients[1]!, { prefix, leaseMs });
    await runTx(other, (tx) => tx.commit({ force: true })); // so that the server knows the scripts
  });
  afterEach(async () => {
    await storage.close();
    await other.close();
    for (const client of clients) client.destroy();
    await proxy.stop();
  });

  async function prepared(): Promise<StorageTransaction> {
    const tx = await new StorageTransaction(storage, { timeout: 20_000 }).begin();
    const record = await tx.lockGet("foo");
    record.v = 1;
    await tx.set(record);
    return tx;
  }

  async function commitLosing(tx: StorageTransaction, what: "request" | "reply"): Promise<void> {
    if (what === "request") proxy.swallowRequests();
    else proxy.swallowReplies();
    const happened = what === "request" ? proxy.nextRequest() : proxy.nextReply();
    const commit = tx.commit();
    commit.catch(() => {}); // reported below
    await happened;
    proxy.cut();
    proxy.swallowRequests(false);
    proxy.swallowReplies(false);
    return commit;
  }

  it("S60: a commit whose reply is lost: it is found out that it was applied", async () => {
    const tx = await prepared();
    await commitLosing(tx, "reply");
    expect(tx.status).toBe("COMMITTED");
    expect((await other.getLatest("foo"))[0]).toBe(1);
    expect((await other.journalIdSet.get())[0].COMMITTED.toJSON()).toEqual([[0, 2]]);
  });

  it("S60: a commit that never arrived: it is found out, and it cannot be applied any more", async () => {
    const tx = await prepared();
    await expect(commitLosing(tx, "request")).rejects.toThrow("was not committed");
    await tx.close();
    expect(await other.isAlive(tx.txid!)).toBe(false);
    expect((await other.getLatest("foo"))[0]).toBeNull();
  });

  it("S67: a broken connection: transactions stop, and later ones go on", async () => {
    const tx = await prepared();
    const lost = new Promise((resolve) => {
      clients[0]!.once("error", resolve);
    });
    const ready = new Promise((resolve) => {
      clients[0]!.once("ready", resolve);
    });
    proxy.cut();
    await lost;
    await expect(tx.commit()).rejects.toThrow(ConnectionLoss);
    await ready;
    await runTx(storage, async (next) => {
      expect((await next.lockGet("foo")).v).toBeNull(); // the lock of the dead is broken when its lease is over
      await next.commit();
    });
    await tx.close();
  });

  it("S56: a process that stood still for longer than its lease cannot commit, though it does not know", async () => {
    const tx = await prepared();
    proxy.swallowRequests(); // its renewals do not arrive
    await other.waitDead(tx.txid!);
    await runTx(other, async (next) => {
      const record = await next.lockGet("foo");
      record.v = "other";
      await next.set(record);
      await next.commit();
    });
    await expect(tx.commit()).rejects.toThrow(ConnectionLoss);
    await tx.close();
    expect(tx.status).toBe("UNKNOWN"); // nobody answers
    expect((await other.getLatest("foo"))[0]).toBe("other");
  });

  it("S56: so it is when its own clock has not told it either: Redis refuses the token", async () => {
    const tx = await prepared();
    await clients[1]!.del(await keysOf("alive"));
    await expect(tx.commit()).rejects.toThrow(CommitError);
    expect((await other.getLatest("foo"))[0]).toBeNull();
    await tx.close();
  });

  it("a server that is killed and comes back: what was committed is there, and what was not is not", async () => {
    await runTx(other, async (tx) => {
      await tx.lockGet("kept");
      await tx.set({ k: "kept", v: 1 });
      await tx.commit();
    });
    const tx = await prepared();
    await tx.setState("half");
    const lost = new Promise((resolve) => {
      clients[1]!.once("error", resolve);
    });
    await server.kill();
    await lost;
    const ready = Promise.all(clients.map((client) => new Promise((resolve) => void client.once("ready", resolve))));
    await server.start();
    await ready;
    await tx.close();
    await other.waitDead(tx.txid!);
    expect((await other.getLatest("kept"))[0]).toBe(1);
    const [status] = await runTx(other, (heir) => heir.commit(), { txid: tx.txid! });
    expect(status).toBe("COMMITTED");
    expect((await other.getLatest("foo"))[0]).toBe(1);
  });

  it("a commit is one request, whatever it changes", async () => {
    const tx = await new StorageTransaction(other).begin();
    const records = await tx.lockGetAll(["a", "b", "c", "d"]);
    for (const record of records) {
      record.v = 1;
      await tx.set(record);
    }
    const before = await requests();
    await tx.commit();
    expect((await requests()) - before).toBe(1);
  });

  /** How many scripts the server has run for clients. */
  async function requests(): Promise<number> {
    const stats = await clients[1]!.info("commandstats");
    const calls = [...stats.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)];
    const failed = [...stats.matchAll(/cmdstat_evalsha:.*failed_calls=(\d+)/g)];
    const sum = (matches: RegExpMatchArray[]): number => matches.reduce((total, [, n]) => total + Number(n), 0);
    return sum(calls) - sum(failed); // a script that the server has not seen is sent once more
  }

  async function keysOf(kind: string): Promise<string[]> {
    const keys = await clients[1]!.keys(`*${kind}:*`);
    return keys.map(String);
  }
});

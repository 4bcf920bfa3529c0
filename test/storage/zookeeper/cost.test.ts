import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { runTx } from "dynatx/zktx";
import type { StorageTransactionOptions } from "dynatx/zktx";
import { ZKStorage } from "dynatx/zookeeper";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startZooKeeper } from "../../support/zookeeper.js";
import type { ZooKeeper } from "../../support/zookeeper.js";
import { ZooKeeperProxy } from "../../support/zookeeper-proxy.js";
import type { Passed } from "../../support/zookeeper-proxy.js";

interface Ground {
  readonly storage: ZKStorage;
  readonly proxy: ZooKeeperProxy;
}

/** What passed on the way, and what the server itself says it has received, pings not counted. */
interface Cost extends Passed {
  readonly received: number;
}

describe("what a transaction costs on ZooKeeper", () => {
  let server: ZooKeeper;
  beforeAll(async () => {
    server = await startZooKeeper();
  });
  afterAll(() => server.stop());

  /** A storage of a folder of its own, whose parents are all there. */
  async function ground(): Promise<Ground> {
    const proxy = await ZooKeeperProxy.start(server.port);
    const storage = new ZKStorage({ hosts: proxy.hosts, root: `/${randomBytes(6).toString("hex")}` });
    onTestFinished(async () => {
      await storage.close();
      await proxy.stop();
    });
    await increment(storage, ["warm-up"]);
    return { storage, proxy };
  }

  async function packets(): Promise<number> {
    return (await server.counters()).get("zk_packets_received")!;
  }

  async function costOf({ proxy }: Ground, work: () => Promise<unknown>): Promise<Cost> {
    const before = await packets();
    proxy.take();
    await work();
    const passed = proxy.take();
    const asking = 1; // the server counts the question as well
    return { ...passed, received: (await packets()) - before - asking - passed.pings };
  }

  it.each([1, 2, 10])("%i keys that nobody else wants: 3N + 5 requests in 6 round trips", async (count) => {
    const bench = await ground();
    const keys = Array.from({ length: count }, (_, n) => `key-${n}`);
    bench.proxy.holdReplies();
    for (const what of ["created", "changed"]) {
      const { received, requests, rounds } = await costOf(bench, () => increment(bench.storage, keys));
      const all = 3 * count + 5;
      expect({ what, received, requests, rounds }).toEqual({ what, received: all, requests: all, rounds: 6 });
    }
  });

  it("costs no more after 300 journals than after 3", async () => {
    const bench = await ground();
    const { storage } = bench;
    await increment(storage, ["key"]);
    const costs: Cost[] = [];
    for (const journals of [3, 300]) {
      await writeJournals(storage, journals);
      costs.push(await costOf(bench, () => increment(storage, ["key"])));
    }
    const [few, many] = costs as [Cost, Cost];
    expect(many.received).toBe(few.received);
    expect(many.bytes - few.bytes).toBeLessThan(100); // longer numbers, but no longer lists
  });

  it("a full history costs one deletion for each commit, however much was purged before", async () => {
    const bench = await ground();
    const { storage } = bench;
    await increment(storage, ["key"]);
    const { received: free } = await costOf(bench, () => increment(storage, ["key"]));
    storage.maxJournalHistory = 2;
    const costs: Cost[] = [];
    for (const journals of [3, 300]) {
      await writeJournals(storage, journals);
      costs.push(await costOf(bench, () => increment(storage, ["key"])));
    }
    const [few, many] = costs as [Cost, Cost];
    expect([few.received, many.received]).toEqual([free + 1, free + 1]);
    expect(many.bytes - few.bytes).toBeLessThan(100);
  });

  it.each([1, 16])("%i that wait send nothing meanwhile", async (waiters) => {
    const bench = await ground();
    const { storage } = bench;
    let done: Promise<unknown> = Promise.resolve();
    await runTx(storage, async (tx) => {
      await tx.lockGet("key");
      done = Promise.all(Array.from({ length: waiters }, () => increment(storage, ["key"], { timeout: 20_000 })));
      await untilQuiet(bench.proxy);
      const { received, requests } = await costOf(bench, () => delay(500));
      expect({ received, requests }).toEqual({ received: 0, requests: 0 });
    });
    await done;
    expect((await storage.getLatest("key"))[0]).toBe(waiters);
  });

  it("16 at one hot key in one process: at most 20 requests for each commit", async () => {
    const bench = await ground();
    const { storage } = bench;
    const [workers, each] = [16, 10];
    const { received } = await costOf(bench, async () => {
      const work = async (): Promise<void> => {
        for (let n = 0; n < each; n++) await increment(storage, ["hot"], { timeout: 20_000 });
      };
      await Promise.all(Array.from({ length: workers }, work));
    });
    expect((await storage.getLatest("hot"))[0]).toBe(workers * each);
    expect(received / (workers * each)).toBeLessThanOrEqual(20);
  });
});

/** Adds one to each key, in one transaction. */
async function increment(
  storage: ZKStorage,
  keys: readonly string[],
  options: StorageTransactionOptions = {},
): Promise<void> {
  const operation: Parameters<typeof runTx>[1] = async (tx) => {
    const records = await tx.lockGetAll(keys);
    await Promise.all(records.map((record) => tx.set({ k: record.k, v: (record.v ?? 0) + 1 })));
    await tx.commit();
  };
  const [status] = await runTx(storage, operation, options);
  expect(status).toBe("COMMITTED");
}

async function writeJournals(storage: ZKStorage, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await runTx(storage, (tx) => tx.commit({ force: true }));
}

/** Resolves when nothing has been asked for a while. */
async function untilQuiet(proxy: ZooKeeperProxy): Promise<void> {
  do {
    proxy.take();
    await delay(100);
  } while (proxy.take().requests > 0);
}

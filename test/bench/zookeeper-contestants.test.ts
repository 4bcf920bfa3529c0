import { randomBytes } from "node:crypto";
import { runTx } from "dynatx/zktx";
import { ZKStorage } from "dynatx/zookeeper";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { startZooKeeper } from "../../bench/clients/zookeeper.js";
import type { ZooKeeper } from "../../bench/clients/zookeeper.js";
import { runCell } from "../../bench/zookeeper/cell.js";
import type { Opened } from "../../bench/zookeeper/contestant.js";
import { baseline, contestants } from "../../bench/zookeeper/contestants/index.js";
import { workloads } from "../../bench/zookeeper/workload.js";
import { ensureServers } from "../support/servers.js";

describe.each([1, 3])("what the contestants of the zookeeper suite are measured doing, on %i servers", (size) => {
  let server: ZooKeeper;
  beforeAll(async () => {
    ensureServers();
    server = await startZooKeeper(size);
  });
  afterAll(() => server.stop());

  async function opened({ open }: (typeof contestants)[number], root: string, workers: number): Promise<Opened> {
    const made = await open(server.hosts, root, workers);
    onTestFinished(() => made.close());
    return made;
  }

  test.each(contestants)("$name: as many requests as it is said to send", async (contestant) => {
    const made = await opened(contestant, newRoot(), 1);
    await made.create(["a", "b"]);
    for (const keys of [["a"], ["b", "a"]]) {
      const before = await server.requests();
      await made.commit(0, keys);
      const sent = (await server.requests()) - before;
      expect(sent).toBe(contestant === baseline ? 9 * keys.length + 9 : 3 * keys.length + 5);
    }
    expect(await made.read("a")).toEqual({ balance: 0, changes: 2 });
    expect(await made.read("b")).toEqual({ balance: -1, changes: 1 });
  });

  test.each(contestants)("$name: exact, whoever else is at it", async (contestant) => {
    for (const workload of workloads) {
      const made = await opened(contestant, newRoot(), workload.workers);
      const plan = { warmUpMs: 20, measuredMs: 100, fraction: Math.random };
      const { surplus, imbalance, commitsPerSecond } = await runCell(server, made, workload, plan);
      expect({ surplus, imbalance }).toEqual({ surplus: 0, imbalance: 0 });
      expect(commitsPerSecond).toBeGreaterThan(0);
    }
  });

  test(`${baseline.name}: keeps the locks, records and journals of the library`, async () => {
    const root = newRoot();
    const made = await opened(baseline, root, 1);
    await made.create(["a"]);
    const storage = new ZKStorage({ hosts: server.hosts, root });
    onTestFinished(() => storage.close());
    let waited: Promise<void> = Promise.resolve();
    await runTx(storage, async (tx) => {
      const [record] = await tx.lockGetAll(["a"]);
      waited = made.commit(0, ["a"]);
      await tx.set({ k: "a", v: { ...record.v, balance: 100 } });
      await tx.commit();
    });
    await waited;
    expect(await storage.getLatest("a")).toEqual([{ balance: 99, changes: 1 }, 2]);
    expect((await storage.journal.get(1))[0]).toEqual({ a: { balance: 99, changes: 1 } });
    expect((await storage.journalIdSet.get())[0].COMMITTED.toJSON()).toEqual([[0, 2]]);
  });
});

function newRoot(): string {
  return `/${randomBytes(6).toString("hex")}`;
}

import { COMMITTED, listRecoverable } from "dynatx/zktx";
import { describe, expect, it } from "vitest";
import { useGround } from "./ground.js";

/** For processes on a busy machine. */
const timeoutMs = 120_000;

describe("processes with locks, killed and stopped", { timeout: timeoutMs }, () => {
  const ground = useGround();

  async function recoverable(): Promise<unknown[]> {
    const found: unknown[] = [];
    for await (const each of listRecoverable(ground.storage)) found.push(each);
    return found;
  }

  it("S16: killed with locks and no state: others wait for its session to end, and take them; nothing is lost", async () => {
    const victim = ground.start({ deed: "hold", keys: ["n", "m"] });
    await victim.until("committing");
    const others = [1, 2, 3].map(() => ground.start({ deed: "increment", keys: ["n", "m"], times: 4 }));
    await victim.kill();
    for (const other of others) expect((await other.until("ended")).statuses).toEqual(Array(8).fill(COMMITTED));
    expect([await ground.value("n"), await ground.value("m")]).toEqual([12, 12]);
    expect(await ground.nodes("lock")).toEqual([]);
  });

  it("S16, S56: killed one after the other with a lock that all want: what commits is counted, and nobody is refused", async () => {
    const others = [1, 2, 3].map(() => ground.start({ deed: "increment", keys: ["n"], times: 10 }));
    for (let death = 0; death < 3; death++) {
      const victim = ground.start({ deed: "hold", keys: ["n"] });
      await victim.until("committing");
      await victim.kill();
    }
    for (const other of others) expect((await other.until("ended")).statuses).toEqual(Array(10).fill(COMMITTED));
    expect(await ground.value("n")).toBe(30);
    const last = ground.start({ deed: "increment", keys: ["n"], times: 1 });
    await last.until("ended"); // breaks the lock of the last victim, if nobody did
    expect(await ground.value("n")).toBe(31);
    expect(await ground.nodes("lock")).toEqual([]);
  });

  it("S41, S42: killed with state: its locks stay, it is listed, and another process goes on and commits", async () => {
    const victim = ground.start({ deed: "hold", keys: ["n", "m"], state: { step: 1 } });
    const { txid } = await victim.until("holding");
    expect(await recoverable()).toEqual([]); // it lives
    const waiting = ground.start({ deed: "increment", keys: ["n"], times: 1 });
    await victim.kill();
    await ground.storage.waitDead(txid);
    expect(await recoverable()).toEqual([[txid, { step: 1 }]]);
    expect(await ground.nodes("lock")).toEqual(expect.arrayContaining(["n", "m"]));
    expect(await ground.value("n")).toBeNull();
    const heir = ground.start({ deed: "resume", txid, keys: ["m", "k"] });
    expect(await heir.until("ended")).toEqual({ news: "ended", statuses: [COMMITTED], state: { step: 1 } });
    expect((await waiting.until("ended")).statuses).toEqual([COMMITTED]);
    expect([await ground.value("n"), await ground.value("m"), await ground.value("k")]).toEqual([2, 2, 1]);
    expect(await recoverable()).toEqual([]);
    expect([await ground.nodes("lock"), await ground.nodes("tx/state")]).toEqual([[], []]);
  });

  it("S44: killed with state: of two that go on with it at once, one commits", async () => {
    const victim = ground.start({ deed: "hold", keys: ["n"], state: {} });
    const { txid } = await victim.until("holding");
    await victim.kill();
    const heirs = [1, 2].map(() => ground.start({ deed: "resume", txid, keys: [] }));
    const ends = await Promise.all(heirs.map((heir) => heir.until("ended")));
    // The later one finds nothing to go on with, and nothing that it would change.
    const statuses = ends.flatMap((end) => end.statuses);
    expect(statuses).toHaveLength(2);
    expect(new Set(statuses)).toEqual(new Set(["COMMITTED", "PURGED"]));
    expect(await ground.value("n")).toBe(1);
  });

  it("S56, S67: stopped before its commit is sent, and continued when others have its lock: it does not commit", async () => {
    const zombie = ground.start({ deed: "hold", keys: ["n"] });
    await zombie.until("committing");
    zombie.pause();
    const other = ground.start({ deed: "increment", keys: ["n"], times: 1 });
    expect((await other.until("ended")).statuses).toEqual([COMMITTED]);
    const holder = ground.start({ deed: "hold", keys: ["n"] });
    await holder.until("committing"); // somebody else's lock, which looks like the zombie's
    zombie.go();
    zombie.resume();
    const { error, status } = await zombie.until("failed");
    expect(["ConnectionLoss", "CommitError"]).toContain(error);
    expect(["PURGED", "UNKNOWN"]).toContain(status);
    expect(await ground.value("n")).toBe(1);
    holder.go();
    expect((await holder.until("ended")).statuses).toEqual([COMMITTED]);
    expect(await ground.value("n")).toBe(2);
  });

  it("S56, S67: stopped with state before its commit is sent, and continued when another went on with it: that one's commit counts", async () => {
    const zombie = ground.start({ deed: "hold", keys: ["n"], state: {} });
    const { txid } = await zombie.until("holding");
    await zombie.until("committing");
    zombie.pause();
    const heir = ground.start({ deed: "resume", txid, keys: ["n", "m"] });
    expect((await heir.until("ended")).statuses).toEqual([COMMITTED]);
    zombie.go();
    zombie.resume();
    expect(await zombie.until("failed")).toEqual({ news: "failed", error: "ConnectionLoss", status: "UNKNOWN" });
    expect([await ground.value("n"), await ground.value("m")]).toEqual([2, 1]);
  });

  it("S20, S75: eight that lock three of five keys in random order all come to their end, and no money is lost", async () => {
    const keys = ["a", "b", "c", "d", "e"];
    const workers = Array.from({ length: 8 }, (_, seed) => ground.start({ deed: "transfer", keys, times: 8, seed }));
    for (const worker of workers) expect((await worker.until("ended")).statuses).toEqual(Array(8).fill(COMMITTED));
    const values = await Promise.all(keys.map((key) => ground.value(key)));
    expect(values.reduce<number>((sum, value) => sum + Number(value), 0)).toBe(0);
    expect(await ground.nodes("tx/journal")).toHaveLength(64);
    expect(await ground.nodes("lock")).toEqual([]);
    expect(await ground.nodes("tx/alive")).toEqual([]);
  });
});

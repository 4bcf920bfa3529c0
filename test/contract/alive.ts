import { StorageTransaction, TXTimeout } from "dynatx/zktx";
import { ValidationError } from "dynatx";
import { expect, it, vi } from "vitest";
import { useStore } from "./store.js";
import type { OpenStore } from "./store.js";

export function aliveScenarios(open: OpenStore): void {
  const bench = useStore(open);

  it("S1: a new transaction has a new txid, greater than all before; the first is 1", async () => {
    expect((await bench.begin()).txid).toBe(1);
    expect((await bench.begin()).txid).toBe(2);
    expect((await bench.begin({}, await bench.connect())).txid).toBe(3);
  });

  it.each([0, 7])("S2: a given txid, %i, is taken as it is, and none is made", async (txid) => {
    const nextTxid = vi.spyOn(bench.storage, "nextTxid");
    expect((await bench.begin({ txid })).txid).toBe(txid);
    const other = new StorageTransaction(bench.storage);
    await other.begin(txid + 1);
    expect(other.txid).toBe(txid + 1);
    await other.close();
    expect(nextTxid).not.toHaveBeenCalled();
  });

  it.each([-1, 1.5, NaN])("S2: %d is no txid", async (txid) => {
    expect(() => new StorageTransaction(bench.storage, { txid })).toThrow(ValidationError);
  });

  it("S3: it is marked as alive from its beginning to its end", async () => {
    const tx = await bench.begin();
    const other = await bench.connect();
    expect(await other.isAlive(tx.txid!)).toBe(true);
    await tx.close();
    expect(await other.isAlive(tx.txid!)).toBe(false);
    await other.waitDead(tx.txid!);
  });

  it("S3: the end of a mark of life is an event", async () => {
    const tx = await bench.begin();
    const dead = (await bench.connect()).waitDead(tx.txid!);
    await tx.close();
    await dead;
  });

  it("S5: alive elsewhere, a second one waits for its end, and not for ever", async () => {
    const first = await bench.begin({ txid: 5 });
    const other = await bench.connect();
    await expect(bench.begin({ txid: 5, timeout: 100 }, other)).rejects.toThrow(TXTimeout);
    const second = bench.begin({ txid: 5 }, other);
    await first.close();
    expect((await second).txid).toBe(5);
  });

  it("S5: two that wait for the same one follow each other", async () => {
    const first = await bench.begin({ txid: 5 });
    const waiting = [bench.begin({ txid: 5 }), bench.begin({ txid: 5 }, await bench.connect())];
    await first.close();
    const second = await Promise.race(waiting);
    await second.close();
    await Promise.all(waiting);
  });

  it("S6: a transaction begins once", async () => {
    const tx = await bench.begin();
    await expect(tx.begin()).rejects.toThrow(ValidationError);
    await expect(new StorageTransaction(bench.storage).lockGet("a")).rejects.toThrow("has not begun");
    await tx.close();
    await expect(tx.lockGet("a")).rejects.toThrow("has ended");
  });
}

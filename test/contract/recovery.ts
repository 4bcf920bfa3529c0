import { Deadlock, StorageTransaction, TXTimeout } from "dynatx/zktx";
import { expect, it, vi } from "vitest";
import { change, holderOf, useStore } from "./store.js";
import type { OpenStore } from "./store.js";

export function recoveryScenarios(open: OpenStore): void {
  const bench = useStore(open);

  /** A transaction that changed foo from 1 to 2, saved its state, and died. */
  async function dead(timeout = 60_000): Promise<number> {
    await bench.put("foo", 1);
    const client = await bench.connect();
    const tx = await bench.begin({ timeout }, client);
    await change(tx, "foo", 2);
    await tx.lockGet("bar");
    await tx.setState({ step: 1 });
    await bench.store.crash(client);
    return tx.txid!;
  }

  it("S42: a transaction is gone on with: its keys locked, its changes there, its start the same", async () => {
    const txid = await dead();
    const [{ start_ts: start }] = await bench.storage.state.get(txid);
    const tx = await bench.begin({ txid, timeout: 60_000 });
    expect(tx.lockedKeys).toEqual(["foo", "bar"]);
    expect(await tx.getState()).toEqual({ step: 1 });
    expect((await tx.lockGet("foo")).v).toBe(2);
    expect((await tx.lockGet("foo", { latest: false })).v).toBe(1);
    expect(tx.timeLeft).toBeLessThanOrEqual(start * 1000 + 60_000 - Date.now() + 5);
    await tx.commit();
    expect(tx.status).toBe("COMMITTED");
    expect(await bench.storage.getLatest("foo")).toMatchObject([2, expect.any(Number)]);
    expect(await holderOf(bench.storage, "bar")).toBe(0);
    expect(await bench.storage.stateTxids()).toEqual([]);
  });

  it("S42: what was locked and set after the state was saved is restored as well, when it is locked again", async () => {
    const client = await bench.connect();
    const first = await bench.begin({}, client);
    await first.setState(1);
    await change(first, "late", 7);
    await bench.store.crash(client);
    const tx = await bench.begin({ txid: first.txid! });
    expect((await tx.lockGet("late")).v).toBe(7);
    await tx.commit();
    expect((await bench.storage.getLatest("late"))[0]).toBe(7);
  });

  it("S42: what is restored is not given back while the others of the same call are waited for", async () => {
    const other = await bench.begin();
    await other.lockGet("taken");
    const client = await bench.connect();
    const first = await bench.begin({}, client);
    await first.setState(1);
    await change(first, "late", 7);
    await bench.store.crash(client);
    const tx = await bench.begin({ txid: first.txid! });
    const got = tx.lockGetAll(["late", "taken"]);
    got.catch(() => {}); // awaited below
    await vi.waitUntil(() => tx.status === "PURGED", { interval: 5 });
    await other.close();
    await expect(got).rejects.toThrow(Deadlock); // it says so, rather than lose a change in silence
  });

  it("S43: one whose time is over is a TXTimeout, and stays recoverable", async () => {
    const txid = await dead();
    const [entry, version] = await bench.storage.state.get(txid);
    await bench.storage.state.set(txid, { ...entry, start_ts: entry.start_ts - 100 }, version);
    const tx = new StorageTransaction(bench.storage, { txid, timeout: 50_000 });
    await expect(tx.begin()).rejects.toThrow(TXTimeout);
    expect(tx.status).toBe("PAUSED");
    expect(await bench.storage.isAlive(txid)).toBe(false);
    expect(await holderOf(bench.storage, "foo")).toBe(txid);
    const longer = await bench.begin({ txid, timeout: 500_000 });
    await longer.commit();
    expect(longer.status).toBe("COMMITTED");
  });

  it("S44: of two that go on with one, the second waits, and gets a TXTimeout", async () => {
    const txid = await dead();
    await bench.begin({ txid, timeout: 60_000 });
    const second = new StorageTransaction(await bench.connect(), { txid, timeout: 100 });
    await expect(second.begin()).rejects.toThrow(TXTimeout);
  });

  it("S45: gone on with without state, it sees the records as they are", async () => {
    await bench.put("foo", 1);
    const client = await bench.connect();
    const tx = await bench.begin({}, client);
    await change(tx, "foo", 2);
    await bench.store.crash(client);
    const heir = await bench.begin({ txid: tx.txid! });
    expect(heir.lockedKeys).toEqual([]);
    const foo = await heir.lockGet("foo");
    expect(foo.v).toBe(1);
    await heir.commit();
    expect(heir.status).toBe("PURGED");
    expect((await bench.storage.getLatest("foo"))[0]).toBe(1);
    expect(await holderOf(bench.storage, "foo")).toBe(0);
  });
}

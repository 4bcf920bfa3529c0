import { Deadlock, NotLocked, TXTimeout, UnlockNotAllowed, UserAborted, listRecoverable } from "dynatx/zktx";
import type { Storage } from "dynatx/zktx";
import { expect, it } from "vitest";
import { change, holderOf, useStore } from "./store.js";
import type { OpenStore } from "./store.js";

export function stateScenarios(open: OpenStore): void {
  const bench = useStore(open);

  async function recoverable(storage: Storage): Promise<unknown[]> {
    const found = [];
    for await (const each of listRecoverable(storage)) found.push(each);
    return found;
  }

  it("S32: state is stored with the keys and the start, and read back; without, it is null", async () => {
    const before = Date.now();
    const tx = await bench.begin();
    expect(await tx.getState()).toBeNull();
    await tx.lockGet("foo");
    await tx.setState({ step: 1 });
    expect(await tx.getState()).toEqual({ step: 1 });
    const [entry] = await bench.storage.state.get(tx.txid!);
    expect(entry).toEqual({ got_keys: ["foo"], start_ts: expect.any(Number), data: { step: 1 } });
    expect(entry.start_ts * 1000).toBeGreaterThanOrEqual(before - 1);
    expect(entry.start_ts * 1000).toBeLessThanOrEqual(Date.now());
    await tx.setState({ step: 2 });
    expect((await bench.storage.state.get(tx.txid!))[0].data).toEqual({ step: 2 });
  });

  it("S33: a commit takes the state away", async () => {
    const tx = await bench.begin();
    await tx.setState(1);
    await change(tx, "foo", 1);
    await tx.commit();
    expect(await bench.storage.stateTxids()).toEqual([]);
  });

  it("S34: an abort takes state and locks away, and changes nothing: PURGED", async () => {
    const tx = await bench.begin();
    await tx.setState(1);
    await change(tx, "foo", 1);
    await expect(tx.abort()).rejects.toThrow(UserAborted);
    expect(tx.status).toBe("PURGED");
    expect(await bench.storage.stateTxids()).toEqual([]);
    expect(await holderOf(bench.storage, "foo")).toBe(0);
    expect(await bench.storage.isAlive(tx.txid!)).toBe(false);
    expect((await bench.storage.getLatest("foo"))[0]).toBeNull();
  });

  it("S34: an abort after a lock was lost takes the rest away", async () => {
    const tx = await bench.begin();
    await tx.lockGetAll(["foo", "bar"]);
    await tx.setState(1);
    await bench.storage.tryReleaseKey(tx.txid!, "foo");
    const other = await bench.begin({}, await bench.connect());
    await other.set(await other.lockGet("foo"));
    await expect(tx.abort()).rejects.toThrow(UserAborted);
    expect(await bench.storage.stateTxids()).toEqual([]);
    expect(await holderOf(bench.storage, "bar")).toBe(0);
    expect(await holderOf(bench.storage, "foo")).toBe(other.txid);
  });

  it("S35: giving way to a senior takes the state away", async () => {
    const senior = await bench.begin();
    await senior.lockGet("foo");
    const junior = await bench.begin({ timeout: 5000 });
    await junior.lockGet("bar");
    await junior.setState(1);
    const got = junior.lockGet("foo");
    got.catch(() => {});
    await senior.lockGet("bar");
    await senior.close();
    await expect(got).rejects.toThrow(Deadlock);
    expect(await bench.storage.stateTxids()).toEqual([]);
  });

  it("S36: an operation that fails after saving state is PAUSED: state and locks stay", async () => {
    const tx = await bench.begin();
    const run = tx.run(async () => {
      await tx.lockGet("foo");
      await tx.setState(1);
      throw new TypeError("a bug");
    });
    await expect(run).rejects.toThrow("a bug");
    expect(tx.status).toBe("PAUSED");
    expect(await holderOf(bench.storage, "foo")).toBe(tx.txid);
    expect(await recoverable(bench.storage)).toEqual([[tx.txid, 1]]);
  });

  it("S37: an operation that fails without state is PURGED: its locks are free", async () => {
    const tx = await bench.begin();
    const run = tx.run(async () => {
      await change(tx, "foo", 1);
      throw new TypeError("a bug");
    });
    await expect(run).rejects.toThrow("a bug");
    expect(tx.status).toBe("PURGED");
    expect(await holderOf(bench.storage, "foo")).toBe(0);
  });

  it("S38: one that is left without a commit is PAUSED with state and PURGED without", async () => {
    const tx = await bench.begin();
    await tx.lockGet("foo");
    await tx.close();
    expect(tx.status).toBe("PURGED");
    expect(await holderOf(bench.storage, "foo")).toBe(0);
    const other = await bench.begin();
    await other.lockGet("foo");
    await other.setState(1);
    await other.close();
    expect(other.status).toBe("PAUSED");
    expect(await holderOf(bench.storage, "foo")).toBe(other.txid);
    expect(await bench.storage.isAlive(other.txid!)).toBe(false);
  });

  it("S39: NotLocked, UnlockNotAllowed and TXTimeout leave the state", async () => {
    await (await bench.begin()).lockGet("taken");
    const tx = await bench.begin({ lockTimeout: 50 });
    await tx.setState(1);
    await expect(tx.unlock({ k: "foo" })).rejects.toThrow(NotLocked);
    const foo = await bench.begin().then((other) => other.lockGet("other"));
    await expect(tx.set(foo)).rejects.toThrow(NotLocked);
    await expect(tx.lockGet("taken")).rejects.toThrow(TXTimeout);
    const bar = await tx.lockGet("bar");
    await tx.set(bar);
    await expect(tx.unlock(bar)).rejects.toThrow(UnlockNotAllowed);
    await tx.close();
    expect(tx.status).toBe("PAUSED");
    expect(await recoverable(bench.storage)).toEqual([[tx.txid, 1]]);
  });

  it("S40: state in memory is read back, and nothing is stored", async () => {
    const tx = await bench.begin({ state: "memory" });
    const data = { step: 1 };
    await tx.setState(data);
    data.step = 2;
    expect(await tx.getState()).toEqual({ step: 1 });
    expect(await bench.storage.stateTxids()).toEqual([]);
    await tx.close();
    expect(tx.status).toBe("PURGED");
  });

  it("S41: what is recoverable has its state saved and is not alive", async () => {
    expect(await recoverable(bench.storage)).toEqual([]);
    const client = await bench.connect();
    const dead = await bench.begin({}, client);
    await dead.setState({ step: 1 });
    await (await bench.begin({}, client)).lockGet("foo");
    const alive = await bench.begin();
    await alive.setState("still here");
    await bench.store.crash(client);
    expect(await recoverable(bench.storage)).toEqual([[dead.txid, { step: 1 }]]);
    await alive.close();
    expect(await recoverable(bench.storage)).toEqual([
      [dead.txid, { step: 1 }],
      [alive.txid, "still here"],
    ]);
  });
}

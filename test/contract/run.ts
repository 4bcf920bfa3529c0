import {
  CommitError,
  ConnectionLoss,
  Deadlock,
  RetriableError,
  TXTimeout,
  UserAborted,
  runTx,
  StorageTransaction,
} from "dynatx/zktx";
import type { Storage } from "dynatx/zktx";
import { expect, it, vi } from "vitest";
import { holderOf, useStore } from "./store.js";
import type { OpenStore } from "./store.js";

export function runScenarios(open: OpenStore): void {
  const bench = useStore(open);

  async function increment(tx: StorageTransaction, key: string): Promise<void> {
    const record = await tx.lockGet(key);
    record.v = (record.v ?? 0) + 1;
    await tx.set(record);
  }

  it("S67: when the connection is lost, every later call is a ConnectionLoss", async () => {
    const client = await bench.connect();
    const tx = await bench.begin({}, client);
    const foo = await tx.lockGet("foo");
    await bench.store.disconnect(client);
    const calls = [
      () => tx.lockGet("foo"),
      () => tx.lockGetAll(["foo"]),
      () => tx.set(foo),
      () => tx.unlock(foo),
      () => tx.setState(1),
      () => tx.getState(),
      () => tx.commit(),
      () => tx.abort(),
    ];
    for (const call of calls) await expect(call()).rejects.toThrow(ConnectionLoss);
  });

  it("S67: a wait ends when the connection is lost", async () => {
    await (await bench.begin()).lockGet("foo");
    const client = await bench.connect();
    const tx = await bench.begin({}, client);
    const got = tx.lockGet("foo");
    const lost = expect(got).rejects.toThrow(ConnectionLoss);
    await bench.store.disconnect(client);
    await lost;
  });

  it("S68: when nobody can read at the end whether state is saved, the status is UNKNOWN, and the locks stay", async () => {
    const client = await bench.connect();
    const tx = new StorageTransaction(client);
    await tx.begin();
    await tx.lockGet("foo");
    await tx.setState(1);
    await bench.store.disconnect(client);
    await tx.close();
    expect(tx.status).toBe("UNKNOWN");
    expect(await holderOf(bench.storage, "foo")).toBe(tx.txid);
  });

  it("S69: runTx tells what became of it, and its txid", async () => {
    const committed = await runTx(bench.storage, async (tx) => {
      await increment(tx, "foo");
      await tx.commit();
    });
    expect(committed).toEqual(["COMMITTED", 1]);
    expect(await runTx(bench.storage, (tx) => increment(tx, "foo"))).toEqual(["PURGED", 2]);
    expect(await runTx(bench.storage, (tx) => tx.setState(1))).toEqual(["PAUSED", 3]);
  });

  it("S70: after a RetriableError the operation runs again, as a new transaction, until the same deadline", async () => {
    const errors = [new Deadlock(), new RetriableError(), undefined];
    const seen: [number, number][] = [];
    const result = await runTx(
      bench.storage,
      async (tx) => {
        seen.push([tx.txid!, tx.timeLeft]);
        await tx.setState("none of it stays");
        await increment(tx, "foo");
        const error = errors.shift();
        if (error) throw error;
        await tx.commit();
      },
      { timeout: 4000 },
    );
    expect(result).toEqual(["COMMITTED", 3]);
    expect(seen.map(([txid]) => txid)).toEqual([1, 2, 3]);
    const lefts = seen.map(([, left]) => left);
    expect(lefts).toEqual(lefts.toSorted((a, b) => b - a));
    expect(await bench.storage.stateTxids()).toEqual([]);
    expect((await bench.storage.getLatest("foo"))[0]).toBe(1);
  });

  it("S70: that ends with the deadline", async () => {
    const run = runTx(
      bench.storage,
      () => {
        throw new RetriableError();
      },
      { timeout: 100 },
    );
    await expect(run).rejects.toThrow(TXTimeout);
  });

  it("S70: but not what has been committed", async () => {
    let attempts = 0;
    const run = runTx(bench.storage, async (tx) => {
      attempts += 1;
      await increment(tx, "foo");
      await tx.commit();
      throw new RetriableError();
    });
    await expect(run).rejects.toThrow(RetriableError);
    expect(attempts).toBe(1);
    expect((await bench.storage.getLatest("foo"))[0]).toBe(1);
  });

  it("S71: a given txid is for the first attempt alone", async () => {
    const seen: number[] = [];
    await runTx(
      bench.storage,
      (tx) => {
        seen.push(tx.txid!);
        if (seen.length === 1) throw new Deadlock();
      },
      { txid: 77 },
    );
    expect(seen).toEqual([77, 1]);
  });

  it.each([new TXTimeout(), new ConnectionLoss(), new CommitError(), new TypeError("a bug")])(
    "S72: after %s there is no other attempt",
    async (error) => {
      let attempts = 0;
      const run = runTx(bench.storage, async (tx) => {
        attempts += 1;
        await increment(tx, "foo");
        throw error;
      });
      await expect(run).rejects.toBe(error);
      expect(attempts).toBe(1);
      expect(await holderOf(bench.storage, "foo")).toBe(0);
    },
  );

  it.each(["abort()", "a UserAborted of its own"])("S72: %s ends it, without an error", async (how) => {
    let attempts = 0;
    const result = await runTx(bench.storage, async (tx) => {
      attempts += 1;
      await tx.setState(1);
      await increment(tx, "foo");
      if (how === "abort()") await tx.abort();
      throw new UserAborted();
    });
    expect(result).toEqual(["PURGED", 1]);
    expect(attempts).toBe(1);
    expect(await bench.storage.stateTxids()).toEqual([]);
    expect((await bench.storage.getLatest("foo"))[0]).toBeNull();
  });

  async function expectTenOf(keys: readonly string[]): Promise<void> {
    for (const key of keys) expect((await bench.storage.getLatest(key))[0]).toBe(10);
    const [{ COMMITTED }] = await bench.storage.journalIdSet.get();
    expect(COMMITTED.toJSON()).toEqual([[0, 10]]);
    for (const key of keys) expect(await holderOf(bench.storage, key)).toBe(0);
  }

  it("S74: ten increments, one after the other, are ten, in ten journals", async () => {
    for (let n = 0; n < 10; n++) await bench.put("foo", n + 1);
    await expectTenOf(["foo"]);
  });

  it("S74: ten increments at once are ten, in ten journals", async () => {
    const clients: Storage[] = [bench.storage, await bench.connect(), await bench.connect()];
    const breaks = clients.map((client) => vi.spyOn(client, "breakLock"));
    const runs = Array.from({ length: 10 }, (_, n) =>
      runTx(clients[n % 3]!, async (tx) => {
        await increment(tx, "foo");
        await tx.commit();
      }),
    );
    for (const [status] of await Promise.all(runs)) expect(status).toBe("COMMITTED");
    await expectTenOf(["foo"]);
    for (const broken of breaks) expect(broken).not.toHaveBeenCalled(); // who commits is not taken for dead
  });

  it("S75: ten at once on three keys in rotated order: each is ten", async () => {
    const keys = ["foo", "bar", "duu"];
    const clients: Storage[] = [bench.storage, await bench.connect(), await bench.connect()];
    const runs = Array.from({ length: 10 }, (_, n) =>
      runTx(clients[n % 3]!, async (tx) => {
        for (let at = 0; at < 3; at++) await increment(tx, keys[(n + at) % 3]!);
        await tx.commit();
      }),
    );
    for (const [status] of await Promise.all(runs)) expect(status).toBe("COMMITTED");
    await expectTenOf(keys);
  });
}

import { Deadlock, NotLocked, TXTimeout, runTx } from "dynatx/zktx";
import type { Storage, StorageTransaction } from "dynatx/zktx";
import { expect, it, vi } from "vitest";
import { holderOf, useStore } from "./store.js";
import type { OpenStore } from "./store.js";

export function waitScenarios(open: OpenStore): void {
  const bench = useStore(open);

  /** Resolves when a transaction of that client has met somebody's lock, and waits. */
  function meets(storage: Storage): Promise<void> {
    const original = storage.tryLock.bind(storage);
    return new Promise((resolve) => {
      vi.spyOn(storage, "tryLock").mockImplementation(async (...args) => {
        const lock = await original(...args);
        if (!lock.held) resolve();
        return lock;
      });
    });
  }

  it("S18: a senior waits for a junior holder", async () => {
    const senior = await bench.begin();
    const junior = await bench.begin({}, await bench.connect());
    await senior.lockGet("bar");
    await junior.lockGet("foo");
    const met = meets(bench.storage);
    const got = senior.lockGet("foo");
    await met;
    await junior.close();
    expect(await got).toMatchObject({ k: "foo" });
  });

  it("S18: a senior that waits notices that the holder died", async () => {
    const senior = await bench.begin();
    const client = await bench.connect();
    await (await bench.begin({}, client)).lockGet("foo");
    const met = meets(bench.storage);
    const got = senior.lockGet("foo");
    await met;
    await bench.store.crash(client);
    expect(await got).toMatchObject({ k: "foo" });
  });

  it("S18: who waits for a paused holder notices that somebody ended it", async () => {
    const senior = await bench.begin();
    const client = await bench.connect();
    const paused = await bench.begin({}, client);
    await paused.lockGet("foo");
    await paused.setState("x");
    await paused.close();
    const met = meets(bench.storage);
    const got = senior.lockGet("foo");
    await met;
    const heir = await bench.begin({ txid: paused.txid! }, client);
    await expect(heir.abort()).rejects.toThrow("aborted");
    expect(await got).toMatchObject({ k: "foo" });
  });

  it("S19: a junior with empty hands waits for a senior holder", async () => {
    const senior = await bench.begin();
    await senior.lockGet("foo");
    const client = await bench.connect();
    const junior = await bench.begin({}, client);
    const met = meets(client);
    const got = junior.lockGet("foo");
    await met;
    await senior.close();
    expect(await got).toMatchObject({ k: "foo" });
  });

  it("S20: a junior that holds locks gives way to a senior: frees all, drops its state, waits, Deadlock", async () => {
    const senior = await bench.begin();
    await senior.lockGet("foo");
    const client = await bench.connect();
    const junior = await bench.begin({}, client);
    await junior.lockGet("bar");
    await junior.setState("x");
    const met = meets(client);
    let settled = false;
    const got = junior.lockGet("foo").finally(() => {
      settled = true;
    });
    got.catch(() => {}); // awaited below
    await met;
    expect(await senior.lockGet("bar")).toMatchObject({ k: "bar" }); // it is free, or soon will be
    expect(await bench.storage.stateTxids()).toEqual([]);
    expect(settled).toBe(false);
    await senior.close();
    await expect(got).rejects.toThrow(Deadlock);
    expect(junior.status).toBe("PURGED");
  });

  it("S20: so does one that locks two records at once, each by itself", async () => {
    const senior = await bench.begin();
    await senior.lockGet("b");
    const client = await bench.connect();
    const junior = await bench.begin({}, client);
    const met = meets(client);
    const got = Promise.all([junior.lockGet("a"), junior.lockGet("b")]);
    got.catch(() => {});
    await met;
    expect(await senior.lockGet("a")).toMatchObject({ k: "a" });
    await senior.close();
    await expect(got).rejects.toThrow(Deadlock);
  });

  it("a wait does not outlive its transaction, and takes nothing from who goes on with it", async () => {
    const holder = await bench.begin();
    await holder.lockGet("x");
    const client = await bench.connect();
    const tx = await bench.begin({}, client);
    await tx.setState(1);
    const met = meets(client);
    const late = tx.lockGet("x");
    const ended = expect(late).rejects.toThrow(NotLocked);
    await met;
    await tx.close();
    await ended;
    const heir = await bench.begin({ txid: tx.txid! });
    const got = heir.lockGet("x");
    await holder.close();
    await got;
    await heir.set({ k: "x", v: 1 });
    await heir.commit();
    expect(heir.status).toBe("COMMITTED");
  });

  it("S20: the wait for a senior ends with the time for locks", async () => {
    const senior = await bench.begin();
    await senior.lockGet("foo");
    const junior = await bench.begin({ lockTimeout: 100 }, await bench.connect());
    await junior.lockGet("bar");
    await expect(junior.lockGet("foo")).rejects.toThrow(TXTimeout);
    expect(await holderOf(bench.storage, "bar")).toBe(0);
  });

  it("S20: giving way costs the same, however many transactions began in between", async () => {
    const senior = await bench.begin();
    await senior.lockGet("foo");
    const between: StorageTransaction[] = [];
    for (let n = 0; n < 20; n++) between.push(await bench.begin());
    const client = await bench.connect();
    const junior = await bench.begin({}, client);
    await junior.lockGet("bar");
    const looks = [vi.spyOn(client, "isAlive"), vi.spyOn(client, "waitDead")];
    const met = meets(client);
    const got = junior.lockGet("foo");
    got.catch(() => {});
    await met;
    await senior.close();
    await expect(got).rejects.toThrow(Deadlock); // with all of them alive
    expect(looks.map((look) => look.mock.calls.length)).toEqual([0, 0]);
  });

  it("S20: a paused holder does not make the retries spin", async () => {
    const paused = await bench.begin();
    await paused.lockGet("foo");
    await paused.setState("x");
    await paused.close();
    let attempts = 0;
    const run = runTx(
      bench.storage,
      async (tx) => {
        attempts += 1;
        await tx.lockGet("bar");
        await tx.lockGet("foo");
      },
      { timeout: 300 },
    );
    await expect(run).rejects.toThrow(TXTimeout);
    expect(attempts).toBe(1);
  });

  it.each([
    ["the call's own limit", { lockTimeout: 3000 }, { timeout: 50 }],
    ["the limit for locks", { lockTimeout: 50 }, {}],
    ["what is left of the transaction", { timeout: 400 }, {}],
    ["what is left, not more", { timeout: 400, lockTimeout: 9000 }, { timeout: 9000 }],
  ])("S21: a wait longer than %s is a TXTimeout", async (_, options, call) => {
    await (await bench.begin()).lockGet("foo");
    const tx = await bench.begin(options, await bench.connect());
    const begun = performance.now();
    await expect(tx.lockGet("foo", call)).rejects.toThrow(TXTimeout);
    expect(performance.now() - begun).toBeLessThan(2000);
  });

  it("a junior that locks several records at once waits with empty hands, and is never a Deadlock", async () => {
    const senior = await bench.begin();
    await senior.lockGet("b");
    const client = await bench.connect();
    const junior = await bench.begin({}, client);
    const met = meets(client);
    const got = junior.lockGetAll(["a", "b", "c"]);
    await met;
    expect(await senior.lockGet("a")).toMatchObject({ k: "a" });
    await senior.close();
    expect((await got).map(({ k }) => k)).toEqual(["a", "b", "c"]);
  });

  it("those of one process who wait for the same key get it in the order of their age", async () => {
    const first = await bench.begin();
    await first.lockGet("foo");
    const order: number[] = [];
    const waiting = await Promise.all([0, 1, 2, 3, 4].map(() => bench.begin()));
    const lock = async (tx: StorageTransaction): Promise<void> => {
      await tx.lockGet("foo");
      order.push(tx.txid!);
      await tx.close();
    };
    const [youngest, ...others] = waiting.toReversed();
    const met = meets(bench.storage);
    const got = [lock(youngest!)];
    await met;
    await bench.storage.isAlive(1); // by now it watches the lock
    got.push(...others.map(lock));
    await first.close();
    await Promise.all(got);
    expect(order).toEqual([youngest!.txid, ...others.map(({ txid }) => txid).toReversed()]);
  });
}

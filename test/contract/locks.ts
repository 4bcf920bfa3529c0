import { ValidationError } from "dynatx";
import { expect, it } from "vitest";
import { holderOf, useStore } from "./store.js";
import type { OpenStore } from "./store.js";

export function lockScenarios(open: OpenStore): void {
  const bench = useStore(open);

  it("S7: an absent record has the value null, version -1 and the values [null]", async () => {
    const foo = await (await bench.begin()).lockGet("foo");
    expect(foo).toMatchObject({ k: "foo", v: null, version: -1, values: [null] });
  });

  it("S8: a record has the newest of its values, a copy of its own", async () => {
    await bench.put("foo", { n: [1] });
    const tx = await bench.begin();
    const foo = await tx.lockGet("foo");
    expect(foo.v).toEqual({ n: [1] });
    expect(foo.values).toEqual([null, { n: [1] }]);
    foo.v.n.push(2);
    expect((await tx.lockGet("foo")).v).toEqual({ n: [1] });
  });

  it("S9: the lock outlives its process, and names the transaction", async () => {
    const client = await bench.connect();
    const tx = await bench.begin({}, client);
    await tx.lockGet("foo");
    await bench.store.crash(client);
    expect(await holderOf(bench.storage, "foo")).toBe(tx.txid);
  });

  it("S10, S12: after set, lockGet has the new value, and the old one on demand", async () => {
    await bench.put("foo", 1);
    const tx = await bench.begin();
    const foo = await tx.lockGet("foo");
    foo.v = 2;
    await tx.set(foo);
    expect((await tx.lockGet("foo")).v).toBe(2);
    expect((await tx.lockGet("foo", { latest: false })).v).toBe(1);
  });

  it("S11: what was changed and not set is not seen", async () => {
    const tx = await bench.begin();
    const foo = await tx.lockGet("foo");
    foo.v = 2;
    expect((await tx.lockGet("foo")).v).toBeNull();
  });

  it("S13, S22: locking again is fine, and takes no second lock", async () => {
    const tx = await bench.begin();
    const foo = await tx.lockGet("foo");
    await tx.lockGet("foo");
    await Promise.all([tx.lockGet("bar"), tx.lockGet("bar")]);
    await tx.unlock(foo);
    expect(await holderOf(bench.storage, "foo")).toBe(0);
    expect(tx.lockedKeys).toEqual(["bar"]);
  });

  it("S14: without blocking, a record that somebody alive has is null", async () => {
    await (await bench.begin()).lockGet("foo");
    const other = await bench.begin({}, await bench.connect());
    expect(await other.lockGet("foo", { blocking: false })).toBeNull();
    expect(await other.lockGet("bar", { blocking: false })).toMatchObject({ k: "bar", v: null });
  });

  it("S15: without blocking, one's own record is there", async () => {
    const tx = await bench.begin();
    await tx.lockGet("foo");
    expect(await tx.lockGet("foo", { blocking: false })).toMatchObject({ k: "foo" });
  });

  it.each([true, false])(
    "S16: the lock of a dead transaction without state is broken (blocking: %s)",
    async (blocking) => {
      const client = await bench.connect();
      await (await bench.begin({}, client)).lockGet("foo");
      await bench.store.crash(client);
      const tx = await bench.begin();
      expect(await tx.lockGet("foo", { blocking, timeout: 2000 })).toMatchObject({ k: "foo" });
      expect(await holderOf(bench.storage, "foo")).toBe(tx.txid);
    },
  );

  it("S16: of many that find a dead one's lock, exactly one gets it at a time", async () => {
    const client = await bench.connect();
    await (await bench.begin({}, client)).lockGet("foo");
    await bench.store.crash(client);
    let inside = 0;
    const clients = await Promise.all([0, 1, 2, 3].map(() => bench.connect()));
    const heirs = clients.map(async (storage) => {
      const tx = await bench.begin({}, storage);
      await tx.lockGet("foo");
      inside += 1;
      expect(inside).toBe(1);
      await bench.storage.isAlive(1); // somewhere in between
      inside -= 1;
      await tx.close();
    });
    await Promise.all(heirs);
  });

  it("S17: the lock of a dead transaction with state is as good as that of one alive", async () => {
    const client = await bench.connect();
    const dead = await bench.begin({}, client);
    await dead.lockGet("foo");
    await dead.setState("x");
    await bench.store.crash(client);
    expect(await (await bench.begin()).lockGet("foo", { blocking: false })).toBeNull();
    expect(await holderOf(bench.storage, "foo")).toBe(dead.txid);
  });

  it("S23: a key is released by its owner, and by nobody else", async () => {
    const tx = await bench.begin();
    await tx.lockGet("foo");
    const own = tx.txid!;
    expect((await bench.storage.tryReleaseKey(own + 1, "foo")).slice(0, 2)).toEqual([false, own]);
    expect((await bench.storage.tryReleaseKey(own, "foo")).slice(0, 2)).toEqual([true, own]);
    expect((await bench.storage.tryReleaseKey(own, "foo")).slice(0, 2)).toEqual([true, own]);
  });

  it("several records at once: in their order, locked all, each once", async () => {
    await bench.put("b", 2);
    const tx = await bench.begin();
    const records = await tx.lockGetAll(["c", "b", "a", "b"]);
    expect(records.map(({ k, v }) => [k, v])).toEqual([
      ["c", null],
      ["b", 2],
      ["a", null],
      ["b", 2],
    ]);
    for (const key of ["a", "b", "c"]) expect(await holderOf(bench.storage, key)).toBe(tx.txid);
  });

  it.each(["", undefined])("a key is text: not %j", async (key) => {
    const tx = await bench.begin();
    await expect(tx.lockGet(key as string)).rejects.toThrow(ValidationError);
  });

  it("the loop of a key's holders ends with the lock", async () => {
    const holders = bench.storage.acquireKeyLoop(2, "foo", 1000);
    expect(await holders.next()).toMatchObject({ done: true, value: { held: true, set: null, record: [[null], -1] } });
    expect(await bench.storage.acquireKeyLoop(2, "foo", 1000).next()).toMatchObject({ done: true });
    const others = bench.storage.acquireKeyLoop(3, "foo", 50);
    expect(await others.next()).toMatchObject({ done: false, value: [2, 0, "dead"] });
    await expect(others.next()).rejects.toThrow("no lock of foo within 50 ms");
  });

  it("the loop of a key's holders goes on when the holder changes", async () => {
    const tx = await bench.begin();
    await tx.lockGet("foo");
    const holders = (await bench.connect()).acquireKeyLoop(99, "foo", 5000);
    expect(await holders.next()).toMatchObject({ value: [tx.txid, 0, "alive"] });
    const next = holders.next();
    await tx.close();
    expect(await next).toMatchObject({ done: true });
  });
}

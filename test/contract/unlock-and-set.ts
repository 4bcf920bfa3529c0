import { ValidationError } from "dynatx";
import { CommitError, NotLocked, UnlockNotAllowed } from "dynatx/zktx";
import { expect, it, vi } from "vitest";
import { change, holderOf, useStore } from "./store.js";
import type { OpenStore } from "./store.js";

export function unlockScenarios(open: OpenStore): void {
  const bench = useStore(open);

  it("S24: what is unlocked, others can lock, and so can the same one again", async () => {
    const tx = await bench.begin();
    const foo = await tx.lockGet("foo");
    await tx.unlock(foo);
    const other = await bench.begin({}, await bench.connect());
    await other.unlock(await other.lockGet("foo", { blocking: true, timeout: 1000 }));
    expect(await tx.lockGet("foo")).toMatchObject({ k: "foo" });
  });

  it("S25, S27: what is not locked can be neither unlocked nor set, and the transaction goes on", async () => {
    const tx = await bench.begin();
    const foo = await tx.lockGet("foo");
    await tx.unlock(foo);
    await expect(tx.unlock(foo)).rejects.toThrow(NotLocked);
    await expect(tx.set(foo)).rejects.toThrow(NotLocked);
    foo.v = 1;
    await tx.lockGet("foo");
    await tx.set(foo);
    await tx.commit();
    expect(tx.status).toBe("COMMITTED");
  });

  it("S26: what has been set cannot be unlocked", async () => {
    const tx = await bench.begin();
    const foo = await tx.lockGet("foo");
    await tx.set(foo);
    await expect(tx.unlock(foo)).rejects.toThrow(UnlockNotAllowed);
    expect(await holderOf(bench.storage, "foo")).toBe(tx.txid);
  });

  it("S28, S29: set keeps the record in its lock, a version on, and leaves the record alone", async () => {
    await bench.put("foo", 1);
    const tx = await bench.begin();
    const foo = await tx.lockGet("foo");
    const watching = new AbortController();
    const lock = () => bench.storage.tryLock(tx.txid!, "foo", watching.signal);
    const { version } = await lock();
    foo.v = { n: 2 };
    await tx.set(foo);
    const set = { k: "foo", version: foo.version, values: [null, 1], v: { n: 2 } };
    expect(await lock()).toMatchObject({ version: version + 1, set });
    foo.v = { n: 3 };
    await tx.set(foo);
    expect(await lock()).toMatchObject({ version: version + 2, set: { ...set, v: { n: 3 } } });
    expect((await bench.storage.record.get("foo"))[0]).toEqual([null, 1]);
    await tx.commit();
    expect((await bench.storage.getLatest("foo"))[0]).toEqual({ n: 3 });
  });

  it("S29: two at once: the last one counts", async () => {
    const tx = await bench.begin();
    await tx.lockGet("foo");
    await Promise.all([tx.set({ k: "foo", v: 1 }), tx.set({ k: "foo", v: 2 })]);
    await tx.commit();
    expect((await bench.storage.getLatest("foo"))[0]).toBe(2);
  });

  it("S30: what is changed after set is not committed", async () => {
    const tx = await bench.begin();
    const foo = await tx.lockGet("foo");
    foo.v = { n: 1 };
    await tx.set(foo);
    foo.v.n = 2;
    await tx.commit();
    expect((await bench.storage.getLatest("foo"))[0]).toEqual({ n: 1 });
  });

  it("S30: a commit waits for what is being set", async () => {
    const tx = await bench.begin();
    const foo = await tx.lockGet("foo");
    foo.v = 1;
    const set = tx.set(foo);
    await tx.commit();
    await set;
    expect((await bench.storage.getLatest("foo"))[0]).toBe(1);
  });

  it("S31: a lock that was lost is noticed when the record is set", async () => {
    const tx = await bench.begin();
    const foo = await tx.lockGet("foo");
    await bench.storage.tryReleaseKey(tx.txid!, "foo");
    await expect(tx.set(foo)).rejects.toThrow(NotLocked);
    await expect(tx.set(foo)).rejects.toThrow("lost its lock of foo");
  });

  it("S31: after that it cannot commit, whatever else it has set", async () => {
    const tx = await bench.begin();
    const foo = await tx.lockGet("foo");
    await bench.storage.tryReleaseKey(tx.txid!, "foo");
    await expect(tx.set(foo)).rejects.toThrow(NotLocked);
    await change(tx, "bar", 1);
    await expect(tx.commit()).rejects.toThrow(CommitError);
    expect((await bench.storage.getLatest("bar"))[0]).toBeNull();
  });

  it("S55: a set that nobody awaited, of a lost lock, is a CommitError as well", async () => {
    const tx = await bench.begin();
    const foo = await tx.lockGet("foo");
    await bench.storage.tryReleaseKey(tx.txid!, "foo");
    tx.set(foo).catch(() => {});
    await expect(tx.commit()).rejects.toThrow(CommitError);
  });

  it("S24, S42: what is unlocked after the state was saved is not asked back by who goes on", async () => {
    const client = await bench.connect();
    const tx = await bench.begin({}, client);
    const [foo] = await tx.lockGetAll(["foo", "bar"]);
    await change(tx, "bar", 2);
    await tx.setState(1);
    await tx.unlock(foo);
    await bench.store.crash(client);
    const other = await bench.begin();
    await other.lockGet("foo");
    const heir = await bench.begin({ txid: tx.txid! }, await bench.connect());
    expect(heir.lockedKeys).toEqual(["bar"]);
    await heir.commit();
    expect((await bench.storage.getLatest("bar"))[0]).toBe(2);
  });

  it("S42: a key of the saved state that somebody else has by now is not waited for", async () => {
    const client = await bench.connect();
    const tx = await bench.begin({}, client);
    await tx.lockGetAll(["foo", "bar"]);
    await change(tx, "bar", 2);
    await tx.setState(1);
    await bench.store.crash(client);
    await bench.storage.tryReleaseKey(tx.txid!, "foo"); // as the original unlocks
    await (await bench.begin()).lockGet("foo");
    const heir = await bench.begin({ txid: tx.txid! }, await bench.connect());
    expect(heir.lockedKeys).toEqual(["bar"]);
    await heir.commit();
    expect((await bench.storage.getLatest("bar"))[0]).toBe(2);
  });

  it("S31: a lock that somebody else has by now is left to them", async () => {
    const tx = await bench.begin();
    const foo = await tx.lockGet("foo");
    await tx.set(foo);
    await bench.storage.tryReleaseKey(tx.txid!, "foo");
    const other = await bench.begin({}, await bench.connect());
    await other.lockGet("foo");
    await expect(tx.set(foo)).rejects.toThrow(NotLocked);
    await tx.close();
    expect(await holderOf(bench.storage, "foo")).toBe(other.txid);
  });

  it.each([
    ["a function", () => 1],
    ["NaN", NaN],
    ["a big integer", { n: 1n }],
    ["a circle", Object.assign([] as unknown[], { 0: undefined }).concat([[]])],
  ])("what JSON cannot hold is refused before anything is sent: %s", async (what, v) => {
    const tx = await bench.begin();
    await tx.lockGet("foo");
    const setLockValue = vi.spyOn(bench.storage, "setLockValue");
    const circle: unknown[] = [];
    circle.push(circle);
    await expect(tx.set({ k: "foo", v: what === "a circle" ? circle : v })).rejects.toThrow(ValidationError);
    await expect(tx.setState(what === "a circle" ? circle : v)).rejects.toThrow(ValidationError);
    expect(setLockValue).not.toHaveBeenCalled();
  });
}

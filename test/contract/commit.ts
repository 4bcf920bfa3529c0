import { CommitError, TXTimeout } from "dynatx/zktx";
import type { StorageTransaction } from "dynatx/zktx";
import { expect, it, vi } from "vitest";
import { change, holderOf, useStore } from "./store.js";
import type { OpenStore } from "./store.js";

export function commitScenarios(open: OpenStore): void {
  const bench = useStore(open);

  it("S46, S47: a change is appended to the history, of which the last two stay", async () => {
    await bench.put("foo", "a");
    expect((await bench.storage.record.get("foo"))[0]).toEqual([null, "a"]);
    await bench.put("foo", "b");
    expect((await bench.storage.record.get("foo"))[0]).toEqual(["a", "b"]);
    await bench.put("foo", "c");
    expect((await bench.storage.record.get("foo"))[0]).toEqual(["b", "c"]);
  });

  it("S46: a transaction may keep more", async () => {
    for (const v of [1, 2, 3, 4]) {
      const tx = await bench.begin({ maxValueHistory: 3 });
      await change(tx, "foo", v);
      await tx.commit();
    }
    expect((await bench.storage.record.get("foo"))[0]).toEqual([2, 3, 4]);
  });

  it("S46: applyRecord keeps 16 values, and none twice in a row", async () => {
    for (let n = 0; n < 20; n++) expect(await bench.storage.applyRecord("foo", n)).toBe(true);
    expect(await bench.storage.applyRecord("foo", 19)).toBe(false);
    expect((await bench.storage.record.get("foo"))[0]).toEqual([...Array(16).keys()].map((n) => n + 4));
    const together = await Promise.all([1, 2, 3].map((n) => bench.storage.applyRecord("bar", n)));
    expect(together).toEqual([true, true, true]);
    expect((await bench.storage.record.get("bar"))[0]).toHaveLength(4);
  });

  it("S48: null deletes a record; where there is none, nothing happens", async () => {
    await bench.put("foo", 1);
    await bench.put("foo", null);
    expect(await bench.storage.record.get("foo")).toEqual([[null], -1]);
    expect((await bench.storage.journal.get(1))[0]).toEqual({ foo: null });
    const tx = await bench.begin();
    await tx.set(await tx.lockGet("bar"));
    await tx.commit();
    expect(tx.status).toBe("PURGED");
    await bench.put("foo", 2); // and it can be created again
    expect((await bench.storage.record.get("foo"))[0]).toEqual([null, 2]);
  });

  it("S49, S50: the journal has what changed and nothing else; ids count from 0", async () => {
    await bench.put("foo", { n: 1, m: 2 });
    const tx = await bench.begin();
    await change(tx, "foo", { m: 2, n: 1 });
    await change(tx, "bar", [1, "x"]);
    const [, version] = await bench.storage.record.get("foo");
    await tx.commit();
    expect((await bench.storage.journal.get(0))[0]).toEqual({ foo: { n: 1, m: 2 } });
    expect((await bench.storage.journal.get(1))[0]).toEqual({ bar: [1, "x"] });
    expect((await bench.storage.record.get("foo"))[1]).toBe(version);
  });

  it("S52: without a change there is no journal: PURGED, and the locks are free", async () => {
    const tx = await bench.begin();
    await tx.lockGet("foo");
    await tx.setState(1);
    await tx.commit();
    expect(tx.status).toBe("PURGED");
    expect(await holderOf(bench.storage, "foo")).toBe(0);
    expect(await bench.storage.stateTxids()).toEqual([]);
    await expect(bench.storage.journal.get(0)).rejects.toThrow();
  });

  it("S53: forced, there is an empty journal: COMMITTED", async () => {
    const tx = await bench.begin();
    await tx.commit({ force: true });
    expect(tx.status).toBe("COMMITTED");
    expect((await bench.storage.journal.get(0))[0]).toEqual({});
  });

  /** Nothing of a refused commit of foo and bar has happened. */
  async function expectNothing(tx: StorageTransaction, locks: readonly string[]): Promise<void> {
    expect((await bench.storage.getLatest("bar"))[0]).toBeNull();
    await expect(bench.storage.journal.get(0)).rejects.toThrow();
    for (const key of locks) expect(await holderOf(bench.storage, key)).toBe(tx.txid);
  }

  async function twoChanges(): Promise<StorageTransaction> {
    const tx = await bench.begin();
    await change(tx, "foo", 1);
    await change(tx, "bar", 2);
    return tx;
  }

  it("S51, S54: a record that somebody changed beside the locks is a CommitError, and nothing is applied", async () => {
    const tx = await twoChanges();
    await bench.storage.record.create("foo", [null, "other"]);
    await expect(tx.commit()).rejects.toThrow(CommitError);
    await expectNothing(tx, ["foo", "bar"]);
    expect((await bench.storage.getLatest("foo"))[0]).toBe("other");
  });

  it("S54: a record that was deleted and made anew has another version", async () => {
    await bench.put("foo", 0);
    await bench.put("foo", 1);
    const tx = await bench.begin();
    await change(tx, "foo", 2);
    await bench.storage.record.delete("foo");
    await bench.storage.record.create("foo", [null, "other"]);
    await expect(tx.commit()).rejects.toThrow(CommitError);
    expect((await bench.storage.getLatest("foo"))[0]).toBe("other");
  });

  it("S55: a lost lock is a CommitError", async () => {
    const tx = await twoChanges();
    await bench.storage.tryReleaseKey(tx.txid!, "foo");
    await expect(tx.commit()).rejects.toThrow(CommitError);
    await expectNothing(tx, ["bar"]);
  });

  it("S55: a lock that somebody else has by now is a CommitError, and stays theirs", async () => {
    const tx = await twoChanges();
    await bench.storage.tryReleaseKey(tx.txid!, "foo");
    const other = await bench.begin({}, await bench.connect());
    await other.lockGet("foo");
    await expect(tx.commit()).rejects.toThrow(CommitError);
    await expectNothing(tx, ["bar"]);
    expect(await holderOf(bench.storage, "foo")).toBe(other.txid);
  });

  it("S55: so is the lost lock of a record that was only read", async () => {
    const tx = await bench.begin();
    await tx.lockGet("read");
    await change(tx, "bar", 2);
    await bench.storage.tryReleaseKey(tx.txid!, "read");
    await expect(tx.commit()).rejects.toThrow(CommitError);
    await expectNothing(tx, ["bar"]);
    const reader = await bench.begin();
    await reader.lockGet("read");
    await bench.storage.tryReleaseKey(reader.txid!, "read");
    await expect(reader.commit()).rejects.toThrow(CommitError);
  });

  it.each(["present", "absent"])(
    "S55: a stale read (of a record that was %s) is a CommitError, though its lock looks the same",
    async (was) => {
      if (was === "present") await bench.put("read", 1);
      const tx = await bench.begin();
      await tx.lockGet("read");
      await change(tx, "bar", 2);
      await bench.storage.tryReleaseKey(tx.txid!, "read");
      await bench.put("read", "new");
      const again = await bench.storage.acquireKeyLoop(tx.txid!, "read", 1000).next();
      expect(again.done).toBe(true);
      await expect(tx.commit()).rejects.toThrow(CommitError);
      expect((await bench.storage.getLatest("bar"))[0]).toBeNull();
    },
  );

  it.each(["written", "read"])(
    "S56: without its mark of life, a transaction that has %s cannot commit",
    async (what) => {
      const tx = await bench.begin();
      const foo = await tx.lockGet("foo");
      foo.v = 1;
      if (what === "written") await tx.set(foo);
      // The mark of life goes, and the transaction does not know.
      const thief = vi.spyOn(bench.storage, "commit").mockImplementationOnce(async (batch) => {
        await bench.storage.commit({ ...batch, records: [], locks: [], journal: undefined, last: true });
        return bench.storage.commit(batch);
      });
      await expect(tx.commit()).rejects.toThrow(CommitError);
      thief.mockRestore();
      expect((await bench.storage.getLatest("foo"))[0]).toBeNull();
    },
  );

  it("S57: past its deadline a transaction cannot commit", async () => {
    const late = await bench.begin({ timeout: 60 });
    await change(late, "foo", 1);
    await vi.waitUntil(() => late.timeLeft <= 0, { interval: 5 });
    await expect(late.commit()).rejects.toThrow(TXTimeout);
    expect((await bench.storage.getLatest("foo"))[0]).toBeNull();
  });

  it("S58: a commit counts, though its journal could not be recorded; the next one covers it", async () => {
    const add = vi.spyOn(bench.storage, "addToJournalIdSet").mockRejectedValueOnce(new Error("a fault"));
    const tx = await twoChanges();
    await tx.commit();
    expect(tx.status).toBe("COMMITTED");
    add.mockRestore();
    await bench.put("foo", 3);
    expect((await bench.storage.journalIdSet.get())[0].COMMITTED.toJSON()).toEqual([[0, 2]]);
  });

  it("S58: a commit that nobody awaited is awaited at the end", async () => {
    const tx = await twoChanges();
    const commit = tx.commit();
    await tx.close();
    await commit;
    expect(tx.status).toBe("COMMITTED");
  });

  it("S58: after a commit nothing is left but records and journal", async () => {
    const tx = await twoChanges();
    await tx.setState(1);
    await tx.commit();
    expect(tx.status).toBe("COMMITTED");
    expect(await bench.storage.isAlive(tx.txid!)).toBe(false);
    expect(await holderOf(bench.storage, "foo")).toBe(0);
    expect(await holderOf(bench.storage, "bar")).toBe(0);
    expect(await bench.storage.stateTxids()).toEqual([]);
    expect((await bench.storage.journal.get(0))[0]).toEqual({ foo: 1, bar: 2 });
  });
}

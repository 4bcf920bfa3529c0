import { BadVersionError, NoNodeError, NodeExistsError } from "dynatx/zktx";
import { expect, it } from "vitest";
import { useStore } from "./store.js";
import type { OpenStore } from "./store.js";

export function accessorScenarios(open: OpenStore): void {
  const bench = useStore(open);

  it("S76: entries are created, read, changed and deleted by their versions", async () => {
    const { journal } = bench.storage;
    await expect(journal.get(7)).rejects.toThrow(NoNodeError);
    const created = await journal.create(7, { a: 1 });
    expect(await journal.get(7)).toEqual([{ a: 1 }, created]);
    await expect(journal.create(7, {})).rejects.toThrow(NodeExistsError);
    await expect(journal.set(7, {}, created + 100)).rejects.toThrow(BadVersionError);
    const changed = await journal.set(7, { a: 2 }, created);
    expect(await journal.get(7)).toEqual([{ a: 2 }, changed]);
    expect(changed).not.toBe(created);
    await expect(journal.delete(7, created)).rejects.toThrow(BadVersionError);
    await journal.delete(7, changed);
    await expect(journal.delete(7)).rejects.toThrow(NoNodeError);
    await expect(journal.set(7, {})).rejects.toThrow(NoNodeError);
  });

  it("S76: setOrCreate creates what is absent, with version -1 only", async () => {
    const { journal } = bench.storage;
    await expect(journal.setOrCreate(7, { a: 1 }, 3)).rejects.toThrow(NoNodeError);
    await journal.setOrCreate(7, { a: 1 });
    const version = await journal.setOrCreate(7, { a: 2 }, -1);
    expect(await journal.get(7)).toEqual([{ a: 2 }, version]);
    await expect(journal.setOrCreate(7, { a: 3 }, version + 100)).rejects.toThrow(BadVersionError);
    const both = await Promise.all([1, 2, 3].map((n) => journal.setOrCreate(8, { n })));
    expect(new Set(both).size).toBe(3);
  });

  it("S76: safeDelete of what is absent is fine", async () => {
    const { journal } = bench.storage;
    await journal.safeDelete(7);
    const version = await journal.create(7, {});
    await expect(journal.safeDelete(7, version + 100)).rejects.toThrow(BadVersionError);
    await journal.safeDelete(7, version);
    await expect(journal.get(7)).rejects.toThrow(NoNodeError);
  });

  it("S76: a single entry needs no key", async () => {
    const { journalIdSet } = bench.storage;
    const [empty, absent] = await journalIdSet.get();
    expect([JSON.stringify(empty), absent]).toEqual(['{"COMMITTED":[],"PURGED":[]}', -1]);
    const version = await journalIdSet.create(empty);
    await expect(journalIdSet.create(empty)).rejects.toThrow(NodeExistsError);
    await expect(journalIdSet.set(empty, version + 100)).rejects.toThrow(BadVersionError);
    await journalIdSet.delete(await journalIdSet.set(empty, version));
    await journalIdSet.safeDelete();
    await journalIdSet.setOrCreate(empty);
  });

  it("S76: keys of several names, and values of any letters", async () => {
    await bench.put("meta/server/s1", { name: "我", n: 1 });
    await bench.put("meta/server/s2", 'é \u{1F600} "quoted"');
    expect((await bench.storage.getLatest("meta/server/s1"))[0]).toEqual({ name: "我", n: 1 });
    expect((await bench.storage.getLatest("meta/server/s2"))[0]).toBe('é \u{1F600} "quoted"');
  });
}

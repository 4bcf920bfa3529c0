import { ValidationError } from "dynatx";
import { NoNodeError } from "dynatx/zktx";
import type { JournalStatus } from "dynatx/zktx";
import { expect, it, vi } from "vitest";
import { useStore } from "./store.js";
import type { OpenStore } from "./store.js";

export function journalScenarios(open: OpenStore): void {
  const bench = useStore(open);

  async function idSet(): Promise<unknown> {
    return JSON.parse(JSON.stringify((await bench.storage.journalIdSet.get())[0]));
  }

  it("S61: a committed journal stands for all before it", async () => {
    await bench.storage.addToJournalIdSet("COMMITTED", 4);
    expect(await idSet()).toEqual({ COMMITTED: [[0, 5]], PURGED: [] });
    await bench.storage.addToJournalIdSet("COMMITTED", 2);
    expect(await idSet()).toEqual({ COMMITTED: [[0, 5]], PURGED: [] });
  });

  it("S62: a purged journal stands for itself", async () => {
    await bench.storage.addToJournalIdSet("PURGED", 4);
    expect(await idSet()).toEqual({ COMMITTED: [], PURGED: [[4, 5]] });
  });

  it("S63: there is no other status", async () => {
    await expect(bench.storage.addToJournalIdSet("LOST" as JournalStatus, 4)).rejects.toThrow(ValidationError);
  });

  it("S64: many at once all count", async () => {
    const clients = await Promise.all([0, 1, 2].map(() => bench.connect()));
    const all = clients.flatMap((client, n) =>
      [0, 1, 2, 3].map((m) => client.addToJournalIdSet("PURGED", n * 8 + m * 2)),
    );
    await Promise.all([...all, bench.storage.addToJournalIdSet("COMMITTED", 30)]);
    const purged = Array.from({ length: 12 }, (_, n) => [n * 2, n * 2 + 1]);
    expect(await idSet()).toEqual({ COMMITTED: [[0, 31]], PURGED: purged });
  });

  it("S65: within the limit nothing is purged; beyond, the oldest; and a second time nothing more", async () => {
    bench.storage.maxJournalHistory = 1024;
    for (let n = 0; n < 6; n++) await bench.put("foo", n);
    await bench.storage.purgeJournals();
    expect(await idSet()).toEqual({ COMMITTED: [[0, 6]], PURGED: [] });
    bench.storage.maxJournalHistory = 4;
    await bench.storage.purgeJournals();
    const purged = { COMMITTED: [[0, 6]], PURGED: [[0, 2]] };
    expect(await idSet()).toEqual(purged);
    await expect(bench.storage.journal.get(1)).rejects.toThrow(NoNodeError);
    expect((await bench.storage.journal.get(2))[0]).toEqual({ foo: 2 });
    const set = vi.spyOn(bench.storage.journalIdSet, "set");
    await bench.storage.purgeJournals();
    expect(await idSet()).toEqual(purged);
    expect(set).not.toHaveBeenCalled();
  });

  it("S65: purging costs what is new, however many there ever were", async () => {
    await bench.storage.addToJournalIdSet("COMMITTED", 999_999);
    await bench.storage.journalIdSet.set({
      COMMITTED: (await bench.storage.journalIdSet.get())[0].COMMITTED,
      PURGED: Object.assign((await bench.storage.journalIdSet.get())[0].COMMITTED, {}),
    });
    bench.storage.maxJournalHistory = 5;
    const deletions = vi.spyOn(bench.storage.journal, "safeDelete");
    await bench.storage.addToJournalIdSet("COMMITTED", 1_000_006);
    expect(deletions.mock.calls.map(([id]) => id)).toEqual([1_000_000, 1_000_001]);
  });

  it("S66: of ten commits with a limit of five, five journals are left", async () => {
    bench.storage.maxJournalHistory = 5;
    for (let n = 0; n < 10; n++) await bench.put("foo", n);
    expect(await idSet()).toEqual({ COMMITTED: [[0, 10]], PURGED: [[0, 5]] });
    for (let id = 0; id < 5; id++) await expect(bench.storage.journal.get(id)).rejects.toThrow(NoNodeError);
    for (let id = 5; id < 10; id++) expect((await bench.storage.journal.get(id))[0]).toEqual({ foo: id });
  });
}

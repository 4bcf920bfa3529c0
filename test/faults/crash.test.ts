import { execFile } from "node:child_process";
import { join } from "node:path";
import { atomic, recover, transact } from "dynatx";
import { beforeEach, describe, expect, it } from "vitest";
import type { ProtocolStep } from "../../src/dynamodb/protocol-hooks.js";
import { useDatabase } from "../support/databases.js";
import { rawTable } from "../support/raw-table.js";
import { Item } from "./fixtures/item.js";

const fixture = join(import.meta.dirname, "fixtures/dying-commit.ts");

interface Death {
  readonly signal: string | undefined;
  readonly acknowledged: boolean;
}

/** Runs the process that dies, to its end. */
function die(endpoint: string, prefix: string, step: ProtocolStep, occurrence: number): Promise<Death> {
  const parameters = ["--import", "tsx", fixture, endpoint, prefix, step, String(occurrence)];
  return new Promise((resolve) => {
    execFile(process.execPath, parameters, { timeout: 30_000 }, (error, stdout) =>
      resolve({ signal: error?.signal ?? undefined, acknowledged: stdout.includes("acknowledged") }),
    );
  });
}

const before = { changed: "old", deleted: "old", created: undefined, read: "old", absent: undefined };
const after = { ...before, changed: "new", deleted: undefined, created: "new" };

/** Each step with the time at which it is met, and whether the transaction has committed then. */
const steps: readonly (readonly [ProtocolStep, number, boolean])[] = [
  ["begun", 1, false],
  ["intent", 1, false],
  ["intent", 2, false],
  ["intended", 1, false],
  ["validated", 1, false],
  ["committed", 1, true],
  ["applied", 1, true],
  ["applied", 2, true],
  ["applied all", 1, true],
  ["forgotten", 1, true],
];

describe("a process killed at a step of its commit", () => {
  const database = useDatabase();
  const keys = Object.keys(before) as (keyof typeof before)[];
  const short = () => database.connect({ coordinator: { leaseMs: 300 } });

  beforeEach(async () => {
    await database.connection.ensureTable(Item);
    await database.connection.ensureCoordinator();
    const Bound = Item.on(database.connection);
    for (const id of keys) {
      const value = before[id];
      if (value === undefined) await (await Bound.find(id))?.delete();
      else await new Bound({ id, value }).save();
    }
  });

  /** What one transaction sees of all items. */
  async function seen(): Promise<object> {
    const connection = short();
    const Bound = Item.on(connection);
    return transact(
      async (tx) =>
        Object.fromEntries(await Promise.all(keys.map(async (id) => [id, (await tx.find(Bound, id))?.value]))),
      { connection, backend: atomic({ apply: "await" }) }, // of two absent items it takes intents to see both at once
    );
  }

  async function leftovers(): Promise<unknown[]> {
    const items = await rawTable(database.connection, "items").scan();
    const records = await rawTable(database.connection, "dynatx").scan();
    return [...items.filter(({ _tx }) => _tx !== undefined), ...records.filter(({ id }) => id?.S !== "identity")];
  }

  it.each(steps)(
    "A6: at '%s' (%i): all or nothing, seen by others and after recovery",
    async (step, time, committed) => {
      const { signal } = await die(database.endpoint, database.connection.tablePrefix, step, time);
      expect(signal).toBe("SIGKILL");
      const expected = committed ? after : before;
      expect(await seen()).toEqual(expected);
      await recover(short(), { tables: [Item], keepCommittedMs: 0 });
      expect(await seen()).toEqual(expected);
      expect(await leftovers()).toEqual([]);
    },
  );

  it("A6: without a death it commits, and leaves nothing", async () => {
    expect(await die(database.endpoint, database.connection.tablePrefix, "begun", 0)).toEqual({
      signal: undefined,
      acknowledged: true,
    });
    expect(await seen()).toEqual(after);
    expect(await leftovers()).toEqual([]); // A11
  });

  it("A6: after an abort, before anything was undone: nothing of it counts", async () => {
    const { signal } = await die(database.endpoint, database.connection.tablePrefix, "aborted", 1);
    expect(signal).toBe("SIGKILL");
    expect(await seen()).toEqual({ ...before, read: "moved" });
    await recover(short(), { tables: [Item], keepCommittedMs: 0 });
    expect(await leftovers()).toEqual([]);
  });

  it("A6: a writer that meets the dead goes on after a lease", async () => {
    await die(database.endpoint, database.connection.tablePrefix, "intended", 1);
    const Bound = Item.on(short());
    const item = await Bound.get("changed");
    item.value = "mine";
    await item.save({ raiseOnConflict: true });
    await new Bound({ id: "created", value: "mine" }).save({ raiseOnConflict: true });
    await (await Bound.get("deleted")).delete({ raiseOnConflict: true });
    expect(await seen()).toEqual({ ...after, changed: "mine", created: "mine" });
  });
});

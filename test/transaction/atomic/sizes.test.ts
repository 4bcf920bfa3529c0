import { atomic, recover, transact } from "dynatx";
import type { Connection } from "dynatx";
import { describe, expect, test } from "vitest";
import { describeOnBoth, useDatabase } from "../../support/databases.js";
import { unique } from "../bank.js";
import { Thing, Tool, intents, records, stopped, text, tidy, useThings } from "./things.js";

const auto = atomic({ apply: "await" });
const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

/** What is in a box, in the order of the names. */
async function valuesIn(connection: Connection, box: string): Promise<string[]> {
  const values: string[] = [];
  for await (const thing of Thing.on(connection).query(box)) values.push(thing.value);
  return values;
}

describeOnBoth("A2: sizes", (database) => {
  useThings(database);

  test.each([1, 2, 25, 100, 101])("A2: %i items made, changed, and deleted at once", async (count) => {
    const { connection } = database;
    const Bound = Thing.on(connection);
    const box = unique();
    const options = { connection, backend: auto };
    await transact((tx) => {
      for (const n of numbers(count)) tx.put(new Bound({ box, name: String(n), value: "made" }));
    }, options);
    expect(await valuesIn(connection, box)).toEqual(numbers(count).map(() => "made"));
    const all = () => Bound.getBatch(numbers(count).map((n): [string, string] => [box, String(n)]));
    await transact(async () => {
      for (const thing of await all()) if (thing !== undefined) thing.value = "changed";
    }, options);
    expect(await valuesIn(connection, box)).toEqual(numbers(count).map(() => "changed"));
    await transact(async (tx) => {
      for (const thing of await all()) if (thing !== undefined) tx.delete(thing);
    }, options);
    expect(await valuesIn(connection, box)).toEqual([]);
    expect(await records(connection)).toEqual([]);
  });

  test("A2: items of several tables", async () => {
    const { connection } = database;
    const [Things, Tools] = [Thing.on(connection), Tool.on(connection)];
    const name = unique();
    for (const backend of [auto, tidy]) {
      await transact(
        async (tx) => {
          const thing = (await tx.find(Things, name, "a")) ?? new Things({ box: name, name: "a" });
          const tool = (await tx.find(Tools, name)) ?? new Tools({ name });
          thing.value += "+";
          tool.value += "+";
          tx.put(thing);
          tx.put(tool);
        },
        { connection, backend },
      );
    }
    expect((await Things.get(name, "a")).value + (await Tools.get(name)).value).toBe("++++");
  });
});

describe("A2: what is too large for one record or one item", () => {
  const database = useDatabase();
  useThings(database);

  test("A2: 1000 items, and a process that dies after the commit: everybody sees all, and recovery carries it out", async () => {
    const box = unique();
    const name = (n: number): string => text(80) + String(n).padStart(4, "0");
    const dead = await stopped(database, ["committed"], async (tx, connection) => {
      const Bound = Thing.on(connection);
      for (const n of numbers(1000)) tx.put(new Bound({ box, name: name(n), value: "made" }));
    });
    const parts = (await records(database.connection)).map(({ id }) => id?.S ?? "").filter((id) => id.includes("/"));
    expect(parts.map((part) => part.replace(/^.*?\//, ""))).toEqual(["m/1/0"]); // the list of its items has a page
    expect(await intents(database.connection, "things")).toHaveLength(1000);
    expect((await Thing.on(database.connect()).get(box, name(999))).value).toBe("made");
    const report = await recover(database.connect(), { keepCommittedMs: 0 });
    expect(report).toMatchObject({ applied: 1, forgotten: 1, unreachable: 0 });
    expect(await intents(database.connection, "things")).toEqual([]);
    expect(await valuesIn(database.connection, box)).toHaveLength(1000);
    await recover(database.connect()); // the page is garbage now
    expect(await records(database.connection)).toEqual([]);
    await dead.goOn();
  }, 60_000);

  test.each([
    ["its owner", false],
    ["a reader", true],
  ])("A2: a change that does not fit into the item beside what is there, carried out by %s", async (_, byReader) => {
    const [large, small] = [unique(), unique()];
    const Bound = Tool.on(database.connection);
    await new Bound({ name: large, value: text(390_000, "o") }).save();
    const committed = await stopped(database, ["committed"], async (tx, connection) => {
      const Own = Tool.on(connection);
      (await tx.get(Own, large)).value = text(395_000, "é".normalize("NFD").slice(0, 1));
      tx.put(new Own({ name: small, value: "new" }));
    });
    const parts = (await records(database.connection)).filter(({ id }) => id?.S?.includes("/a/"));
    expect(parts).toHaveLength(2); // of 350 KB at the most
    if (byReader) expect((await Tool.on(database.connect()).get(large)).value).toBe(text(395_000, "e"));
    await committed.goOn();
    expect((await Bound.get(large)).value).toBe(text(395_000, "e"));
    expect((await Bound.get(small)).value).toBe("new");
    expect(await records(database.connection)).toEqual([]);
  });

  test("A2: pieces of a transaction that was aborted do not stay", async () => {
    const name = unique();
    await new (Tool.on(database.connection))({ name, value: text(390_000, "o") }).save();
    const dead = await stopped(
      database,
      ["intended"],
      async (tx, connection) => {
        (await tx.get(Tool.on(connection), name)).value = text(390_000, "n");
      },
      { maxRetries: 1, coordinator: { leaseMs: 1e6 } },
    );
    const short = database.connect({ coordinator: { leaseMs: 50 } });
    const report = await recover(short, { tables: [Tool] });
    expect(report).toMatchObject({ aborted: 1, freed: 1 });
    // The record stays for its owner; what it referred to does not.
    expect((await records(database.connection)).map(({ st }) => st?.S)).toEqual(["A"]);
    await recover(short, { keepCommittedMs: 0 });
    expect(await records(database.connection)).toEqual([]);
    expect((await Tool.on(short).get(name)).value).toBe(text(390_000, "o"));
    await expect(dead.goOn()).rejects.toThrow("aborted");
  });
});

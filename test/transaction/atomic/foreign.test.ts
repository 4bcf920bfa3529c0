import { MaxRetriesExceededError, recover, transact } from "dynatx";
import { describe, expect, test } from "vitest";
import { useDatabase } from "../../support/databases.js";
import { rawTable } from "../../support/raw-table.js";
import type { RawItem } from "../../support/raw-table.js";
import { unique } from "../bank.js";
import { Tool, intents, stopped, tidy, useThings } from "./things.js";

describe("A14: items that other programs have written", () => {
  const database = useDatabase();
  useThings(database);
  const tools = () => rawTable(database.connection, "tools");
  const short = () => database.connect({ coordinator: { leaseMs: 50 } });

  /** Without write ids, and with attributes that no schema names, in forms that this library would not write. */
  async function foreign(): Promise<RawItem> {
    const item = {
      name: { S: unique() },
      value: { S: "theirs" },
      other: { M: { list: { L: [{ N: "1" }, { NULL: true }] }, big: { N: "12345678901234567890123456789.5" } } },
      set: { SS: ["b", "a"] },
      bytes: { B: new Uint8Array([1, 2, 3]) },
    };
    await tools().put(item);
    return item;
  }

  const keyOf = ({ name }: RawItem): RawItem => ({ name: name ?? { S: "" } });
  const nameOf = ({ name }: RawItem): string => name?.S ?? "";
  /** With sets in order, which have none. */
  const plain = (item: RawItem | undefined): unknown =>
    item && { ...item, ...(item["set"]?.SS && { set: { SS: item["set"].SS.toSorted() } }) };

  test.each(["intended", "validated"] as const)(
    "A14: read, intended on, and aborted at '%s': exactly as they were",
    async (step) => {
      const [changed, deleted, read] = [await foreign(), await foreign(), await foreign()];
      const flying = await stopped(
        database,
        [step],
        async (tx, connection) => {
          const Bound = Tool.on(connection);
          (await tx.get(Bound, nameOf(changed))).value = "ours";
          tx.delete(await tx.get(Bound, nameOf(deleted)));
          await tx.get(Bound, nameOf(read));
        },
        { maxRetries: 1, coordinator: { leaseMs: 1e6 } },
      );
      expect(await intents(database.connection, "tools")).toHaveLength(2);
      // What it has read is changed by such a program, too; or another process takes it for dead.
      if (step === "intended") await tools().set(keyOf(read), "value", { S: "changed" });
      else expect(await recover(short(), { tables: [Tool] })).toMatchObject({ aborted: 1, freed: 2 });
      await expect(flying.goOn()).rejects.toThrow(MaxRetriesExceededError);
      for (const item of [changed, deleted]) expect(plain(await tools().get(keyOf(item)))).toEqual(plain(item));
    },
  );

  test("A14: committed, they keep what no schema names", async () => {
    const [changed, deleted] = [await foreign(), await foreign()];
    await transact(
      async (tx) => {
        const Bound = Tool.on(database.connection);
        (await tx.get(Bound, nameOf(changed))).value = "ours";
        tx.delete(await tx.get(Bound, nameOf(deleted)));
      },
      { connection: database.connection, backend: tidy },
    );
    const { _v, ...stored } = (await tools().get(keyOf(changed))) ?? {};
    expect(_v?.S).toHaveLength(8);
    expect(plain(stored)).toEqual(plain({ ...changed, value: { S: "ours" } }));
    expect(await tools().get(keyOf(deleted))).toBeUndefined();
  });

  test("A14: changed by such a program before the intent: the transaction sees it and starts over", async () => {
    const item = await foreign();
    const flying = await stopped(database, ["begun"], async (tx, connection) => {
      (await tx.get(Tool.on(connection), nameOf(item))).value += "+ours";
    });
    await tools().set(keyOf(item), "value", { S: "theirs again" });
    await flying.goOn();
    expect((await tools().get(keyOf(item)))?.["value"]).toEqual({ S: "theirs again+ours" });
  });
});

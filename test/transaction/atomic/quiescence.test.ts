import { MaxRetriesExceededError, eq, transact } from "dynatx";
import type { TransactionContext } from "dynatx";
import { describe, expect, test } from "vitest";
import { flightsOf } from "../../../src/intents/flights.js";
import { useDatabase } from "../../support/databases.js";
import { rawTable } from "../../support/raw-table.js";
import { unique } from "../bank.js";
import { Thing, Tool, byIntents, intents, quick, records, tidy, text, useThings } from "./things.js";

describe("A11: nothing is left in the coordinator table, nor in the items", () => {
  const database = useDatabase();
  useThings(database);

  async function left(): Promise<unknown[]> {
    await flightsOf(database.connection.coordinator).settled();
    const { connection } = database;
    return [
      ...(await records(connection)),
      ...(await intents(connection, "things")),
      ...(await intents(connection, "tools")),
    ];
  }

  test("A11: after transactions that succeed, that are refused, and whose function throws", async () => {
    const { connection } = database;
    const Bound = Tool.on(connection);
    const [a, b] = [unique(), unique()];
    const options = { connection, backend: byIntents };
    await transact((tx) => [a, b].forEach((name) => tx.put(new Bound({ name, value: "1" }))), options);
    await transact(async (tx) => tx.delete(await tx.get(Bound, a)), options);
    await transact(async (tx) => (await tx.find(Bound, a)) ?? (await tx.find(Bound, unique())), options); // two absent ones
    const refused = transact(async () => {
      const tool = await Bound.get(b);
      tool.value = "2";
      await tool.save({ condition: { value: eq("not this") } });
      await new Bound({ name: a }).save();
    }, options);
    await expect(refused).rejects.toThrow("condition");
    const thrown = transact(async (tx) => {
      tx.delete(await tx.get(Bound, b));
      throw new Error("changed my mind");
    }, options);
    await expect(thrown).rejects.toThrow("changed my mind");
    expect(await left()).toEqual([]);
    expect((await Bound.get(b)).value).toBe("1");
  });

  test("A11: after many at the same items, with conflicts and aborts", async () => {
    const names = Array.from({ length: 4 }, unique);
    await Promise.all(names.map((name) => new (Tool.on(database.connection))({ name, value: "" }).save()));
    const processes = Array.from({ length: 4 }, () => database.connect({ conflictBackoff: quick }));
    await Promise.all(
      processes.map(async (connection, process) => {
        const Bound = Tool.on(connection);
        for (let n = 0; n < 5; n++) {
          await transact(
            async (tx) => {
              const [first = "", second = "", third = ""] = [0, 1, 2].map(
                (at) => names[(at + n + process) % names.length],
              );
              (await tx.get(Bound, first)).value += process;
              (await tx.get(Bound, second)).value += process;
              await tx.get(Bound, third);
            },
            { connection, backend: byIntents },
          );
        }
        await flightsOf(connection.coordinator).settled();
      }),
    );
    expect(await left()).toEqual([]);
    const values = await Promise.all(names.map(async (name) => (await Tool.on(database.connection).get(name)).value));
    expect(values.join("")).toHaveLength(4 * 5 * 2);
  });

  test("A11: after one that was too large for its record and its items, done or refused", async () => {
    const { connection } = database;
    const Bound = Thing.on(connection);
    const box = unique();
    const names = Array.from({ length: 90 }, (_, n) => `${text(900)}${n}`); // a page of the list of items
    const options = { connection, backend: tidy };
    await transact((tx) => {
      for (const name of names) tx.put(new Bound({ box, name, value: "old" }));
      tx.put(new Bound({ box, name: "large", value: text(390_000) }));
    }, options);
    expect(await left()).toEqual([]);
    const change = async (tx: TransactionContext): Promise<void> => {
      (await tx.get(Bound, box, "large")).value = text(390_000, "y"); // in pieces
      for (const name of names) (await tx.get(Bound, box, name)).value = "new";
    };
    const [name = ""] = names;
    const overtaken = async (tx: TransactionContext): Promise<void> => {
      await change(tx);
      await rawTable(connection, "things").set({ box: { S: box }, name: { S: name } }, "value", { S: "another's" });
    };
    await expect(transact(overtaken, { ...options, maxRetries: 1 })).rejects.toThrow(MaxRetriesExceededError);
    expect(await left()).toEqual([]);
    expect((await Bound.get(box, "large")).value.at(0)).toBe("x");
    await transact(change, options);
    expect(await left()).toEqual([]);
    expect((await Bound.get(box, "large")).value.at(0)).toBe("y");
  });
});

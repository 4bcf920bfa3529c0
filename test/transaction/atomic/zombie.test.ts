import { ConflictError, MaxRetriesExceededError, transact } from "dynatx";
import { describe, expect, test } from "vitest";
import { rawTable } from "../../support/raw-table.js";
import { useDatabase } from "../../support/databases.js";
import { unique } from "../bank.js";
import { Tool, byIntents, intents, records, stopped, tidy, useThings } from "./things.js";

/** Steps before the commit, with what the transaction has read besides. */
const steps = ["begun", "intent", "intended", "validated"] as const;

describe("A8: a process that is paused before its commit, and aborted by another", () => {
  const database = useDatabase();
  useThings(database);

  const value = async (name: string): Promise<string | undefined> =>
    (await Tool.on(database.connection).find(name))?.value;

  /** A transaction of three items that was stopped, and that another one has come before. */
  async function overtaken(step: (typeof steps)[number], maxRetries: number) {
    const [changed, created, read] = [unique(), unique(), unique()];
    const Bound = Tool.on(database.connection);
    for (const name of [changed, read]) await new Bound({ name, value: "old" }).save();
    let attempts = 0;
    const zombie = await stopped(
      database,
      [step],
      async (tx, connection) => {
        attempts++;
        const Own = Tool.on(connection);
        const tool = await tx.get(Own, changed);
        await tx.get(Own, read);
        tool.value += "+zombie";
        tx.put((await tx.find(Own, created)) ?? new Own({ name: created, value: "zombie" }));
      },
      { maxRetries },
    );
    // The senior one of the two.
    const senior = database.connect({ clock: { ...zombie.connection.clock, now: () => 1 } });
    await transact(
      async (tx) => {
        const Own = Tool.on(senior);
        (await tx.get(Own, changed)).value += "+senior";
        tx.put(new Own({ name: created, value: "senior" }));
      },
      { connection: senior, backend: tidy },
    );
    return { zombie, changed, created, attempts: () => attempts };
  }

  test.each(steps)("A8: paused at '%s', it changes nothing, and says so", async (step) => {
    const { zombie, changed, created } = await overtaken(step, 1);
    const error: unknown = await zombie.goOn().catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(MaxRetriesExceededError);
    expect((error as Error).cause).toBeInstanceOf(ConflictError);
    expect(await value(changed)).toBe("old+senior");
    expect(await value(created)).toBe("senior");
    expect(await intents(database.connection, "tools")).toEqual([]);
    expect(await records(database.connection)).toEqual([]);
  });

  test.each(steps)("A8: paused at '%s', it runs once more on what is there now", async (step) => {
    const { zombie, changed, created, attempts } = await overtaken(step, 100);
    await zombie.goOn();
    expect(attempts()).toBe(2);
    expect(await value(changed)).toBe("old+senior+zombie");
    expect(await value(created)).toBe("senior");
    expect(await records(database.connection)).toEqual([]); // A11
  });

  test("A8: its record taken for dead after a lease of silence, it changes nothing", async () => {
    const name = unique();
    await new (Tool.on(database.connection))({ name, value: "old" }).save();
    // It stands still altogether: not even its heart beats.
    const clock = { now: () => Date.now(), monotonic: () => 0, sleep: () => Promise.resolve() };
    const zombie = await stopped(
      database,
      ["intended"],
      async (tx, connection) => {
        (await tx.get(Tool.on(connection), name)).value += "+zombie";
      },
      { maxRetries: 1, clock },
    );
    const other = await Tool.on(
      database.connect({ coordinator: { leaseMs: 50 }, conflictBackoff: { baseMs: 1, capMs: 8 } }),
    ).get(name);
    other.value = "other";
    await other.save({ raiseOnConflict: true });
    await expect(zombie.goOn()).rejects.toThrow(MaxRetriesExceededError);
    expect(await value(name)).toBe("other");
    expect((await rawTable(database.connection, "tools").get({ name: { S: name } }))?.["_tx"]).toBeUndefined();
  });

  test("A8: aborted after it was committed, it stays committed", async () => {
    const [first, second] = [unique(), unique()];
    const Bound = Tool.on(database.connection);
    for (const name of [first, second]) await new Bound({ name, value: "old" }).save();
    const committed = await stopped(database, ["committed"], async (tx, connection) => {
      for (const name of [first, second]) (await tx.get(Tool.on(connection), name)).value = "new";
    });
    await transact(async (tx) => void ((await tx.get(Bound, first)).value += "er"), {
      connection: database.connection,
      backend: byIntents,
    });
    await committed.goOn();
    expect([await value(first), await value(second)]).toEqual(["newer", "new"]);
  });
});

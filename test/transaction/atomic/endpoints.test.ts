import { Connection, CoordinatorError, recover, transact } from "dynatx";
import type { TransactionContext } from "dynatx";
import { describe, expect, test } from "vitest";
import { clientOf, useDatabase } from "../../support/databases.js";
import type { Database } from "../../support/databases.js";
import { unique } from "../bank.js";
import { Tool, byIntents, intents, quick, records, stopped, tidy, useThings } from "./things.js";

describe("A2: two endpoints, as two regions", () => {
  const [east, west] = [useDatabase(), useDatabase()];
  useThings(east);
  useThings(west);

  /** A process of its own at an endpoint. */
  const at = (database: Database): Connection =>
    new Connection({ client: database.client, conflictBackoff: quick, coordinator: { leaseMs: 100 } });

  const value = async (connection: Connection, name: string): Promise<string | undefined> =>
    (await Tool.on(connection).find(name))?.value;

  /** One item at each endpoint, and a change of both. */
  async function twoItems() {
    const name = unique();
    for (const { connection } of [east, west]) await new (Tool.on(connection))({ name, value: "old" }).save();
    const change = (other: Connection) => async (tx: TransactionContext, own: Connection) => {
      for (const connection of [own, other]) (await tx.get(Tool.on(connection), name)).value = "new";
    };
    return { name, change };
  }

  async function nothingLeft(): Promise<void> {
    for (const { connection } of [east, west]) {
      expect(await records(connection)).toEqual([]);
      expect(await intents(connection, "tools")).toEqual([]);
    }
  }

  test("A2: both are changed, or none", async () => {
    const { name, change } = await twoItems();
    const [here, there] = [at(east), at(west)];
    const failing = async (tx: TransactionContext): Promise<void> => {
      await change(there)(tx, here);
      await new (Tool.on(east.connection))({ name: unique() }).save({ raiseOnConflict: true });
      throw new Error("changed my mind");
    };
    await expect(transact(failing, { connection: here, backend: tidy })).rejects.toThrow("changed my mind");
    expect([await value(at(east), name), await value(at(west), name)]).toEqual(["old", "old"]);
    await transact((tx) => change(there)(tx, here), { connection: here, backend: tidy });
    expect([await value(at(east), name), await value(at(west), name)]).toEqual(["new", "new"]);
    await nothingLeft();
  });

  test.each(["intended", "committed"] as const)("A2: a reader at each endpoint, while it is '%s'", async (step) => {
    const { name, change } = await twoItems();
    const flying = await stopped(east, [step], change(at(west)));
    const expected = step === "committed" ? "new" : "old";
    // Whoever is at the record's endpoint needs to know no other, who is elsewhere does.
    expect(await value(at(east), name)).toBe(expected);
    await expect(value(at(west), name)).rejects.toThrow(CoordinatorError);
    const told = at(west);
    told.addCoordinator(at(east));
    expect(await value(told, name)).toBe(expected);
    await flying.goOn();
    expect([await value(at(east), name), await value(at(west), name)]).toEqual(["new", "new"]);
    await nothingLeft();
  });

  test("A2: a process that has died between: recovery at the record's endpoint carries it out at both", async () => {
    const { name, change } = await twoItems();
    const dead = await stopped(east, ["committed"], change(at(west)));
    expect(await recover(at(east), { keepCommittedMs: 0 })).toMatchObject({ applied: 0, unreachable: 1 });
    const told = at(east);
    told.addCoordinator(at(west));
    expect(await recover(told, { keepCommittedMs: 0 })).toMatchObject({ applied: 1, forgotten: 1, unreachable: 0 });
    expect([await value(at(east), name), await value(at(west), name)]).toEqual(["new", "new"]);
    await nothingLeft();
    await dead.goOn();
  });

  test("A2: one that has died before its commit: recovery at each endpoint sets its items free", async () => {
    const { name, change } = await twoItems();
    const dead = await stopped(east, ["intended"], change(at(west)), { maxRetries: 1, coordinator: { leaseMs: 1e6 } });
    const told = at(west);
    told.addCoordinator(at(east));
    expect(await recover(at(east), { tables: [Tool] })).toMatchObject({ aborted: 1, freed: 1 });
    expect(await recover(told, { tables: [Tool] })).toMatchObject({ aborted: 0, freed: 1 });
    expect([await value(at(east), name), await value(at(west), name)]).toEqual(["old", "old"]);
    await expect(dead.goOn()).rejects.toThrow("aborted");
    await nothingLeft();
  });

  test("A2: transactions that begin at either endpoint meet at the same items", async () => {
    const { name } = await twoItems();
    const add = async (own: Database, other: Database): Promise<void> => {
      const [here, there] = [at(own), at(other)];
      here.addCoordinator(there);
      there.addCoordinator(here);
      for (let n = 0; n < 5; n++) {
        await transact(
          async (tx) => {
            for (const connection of [here, there]) (await tx.get(Tool.on(connection), name)).value += "+";
          },
          { connection: here, backend: byIntents },
        );
      }
    };
    await Promise.all([add(east, west), add(west, east)]);
    const [here, there] = [at(east), at(west)];
    here.addCoordinator(there);
    there.addCoordinator(here);
    expect(await value(here, name)).toBe(`old${"+".repeat(10)}`);
    expect(await value(there, name)).toBe(`old${"+".repeat(10)}`);
  });

  test("A14: a coordinator that does not answer is an error, never a rollback", async () => {
    const { name, change } = await twoItems();
    const flying = await stopped(east, ["intended"], change(at(west)));
    const told = at(west);
    const silent = clientOf("http://127.0.0.1:1");
    told.addCoordinator(new Connection({ client: silent }));
    const Bound = Tool.on(told);
    const deeds = [
      () => Bound.get(name),
      () => Bound.getBatch([name]),
      () => new Bound({ name, value: "mine" }).save(),
      () => Bound.update(name, { value: "mine" }),
      () =>
        transact(async (tx) => void ((await tx.get(Bound, name)).value = "mine"), { connection: told, backend: tidy }),
      async () => {
        for await (const tool of Bound.scan()) expect(tool).toBeDefined();
      },
    ];
    for (const deed of deeds) await expect(deed()).rejects.toThrow(CoordinatorError);
    expect(await recover(told, { tables: [Tool] })).toMatchObject({ freed: 0, unreachable: 1 });
    silent.destroy();
    await flying.goOn();
    expect([await value(at(east), name), await value(at(west), name)]).toEqual(["new", "new"]);
  });
});

import { ConflictError, ItemNotFoundError, transact } from "dynatx";
import type { Connection } from "dynatx";
import { describe, expect, test } from "vitest";
import type { ProtocolStep } from "../../../src/dynamodb/protocol-hooks.js";
import { useDatabase } from "../../support/databases.js";
import { rawTable } from "../../support/raw-table.js";
import { gate } from "../../support/stop.js";
import { unique } from "../bank.js";
import { Thing, intents, quick, records, stopped, tidy, useThings } from "./things.js";
import type { Stopped } from "./things.js";

const names = ["changed", "created", "deleted", "read"] as const;
type Name = (typeof names)[number];
type Seen = Partial<Record<Name, string>>;
const before: Seen = { changed: "old", deleted: "old", read: "old" };
const after: Seen = { changed: "new", created: "new", read: "old" };

/** Each step with the state that others see at it. Of a transaction that has read nothing else, none is "validated". */
const steps: readonly (readonly [step: ProtocolStep, time: number, seen: Seen])[] = [
  ["begun", 1, before],
  ["intent", 1, before],
  ["intended", 1, before],
  ["validated", 1, before],
  ["committed", 1, after],
  ["applied", 1, after],
  ["applied all", 1, after],
  ["forgotten", 1, after],
];

describe("A7: items of a transaction in flight", () => {
  const database = useDatabase();
  useThings(database);

  /** A transaction that was stopped at a step; `checks`: whether it has read an item besides. */
  async function flight(
    step: ProtocolStep,
    time: number,
    checks: boolean,
  ): Promise<Stopped & { readonly box: string }> {
    const box = unique();
    const Bound = Thing.on(database.connection);
    for (const name of names) if (before[name] !== undefined) await new Bound({ box, name, value: "old" }).save();
    const flying = await stopped(database, [step, time], async (tx, connection) => {
      const Own = Thing.on(connection);
      (await tx.get(Own, box, "changed")).value = "new";
      tx.delete(await tx.get(Own, box, "deleted"));
      // Absent for sure, unless it has to start over.
      tx.put(
        Object.assign((await tx.find(Own, box, "created")) ?? new Own({ box, name: "created" }), { value: "new" }),
      );
      if (checks) await tx.get(Own, box, "read");
    });
    return { ...flying, box };
  }

  const reader = (): Connection => database.connect({ conflictBackoff: quick });

  async function found(connection: Connection, box: string): Promise<Seen> {
    const finds = names.map(async (name) => [name, (await Thing.on(connection).find(box, name))?.value] as const);
    return present(await Promise.all(finds));
  }

  /** What each kind of read brings. */
  const reads: Readonly<Record<string, (connection: Connection, box: string) => Promise<Seen>>> = {
    find: found,
    async getBatch(connection, box) {
      const things = await Thing.on(connection).getBatch(names.map((name): [string, string] => [box, name]));
      return present(names.map((name, at) => [name, things[at]?.value] as const));
    },
    async query(connection, box) {
      const seen: [string, string][] = [];
      for await (const { name, value } of Thing.on(connection).query(box)) seen.push([name, value]);
      return present(seen);
    },
    async scan(connection, box) {
      const seen: [string, string][] = [];
      for await (const thing of Thing.on(connection).scan())
        if (thing.box === box) seen.push([thing.name, thing.value]);
      return present(seen);
    },
    transact(connection, box) {
      return transact(() => found(connection, box), { connection, backend: tidy });
    },
  };

  const present = (seen: readonly (readonly [string, string | undefined])[]): Seen =>
    Object.fromEntries(seen.filter(([, value]) => value !== undefined));

  describe.each([false, true])("that has read others: %s", (checks) => {
    const met = steps.filter(([step]) => checks || step !== "validated");

    test.each(met)(
      "A7: stopped at '%s' (%i), all kinds of reads see one state, and it goes on",
      async (step, time, seen) => {
        // Each read by its own: what one has settled, the next does not meet.
        for (const [kind, read] of Object.entries(reads)) {
          const { box, goOn } = await flight(step, time, checks);
          expect([kind, await read(reader(), box)]).toEqual([kind, seen]);
          await goOn();
          expect([kind, await read(reader(), box)]).toEqual([kind, after]);
        }
        expect(await records(database.connection)).toEqual([]);
        expect(await intents(database.connection, "things")).toEqual([]);
      },
    );
  });

  test.each(["intended", "committed"] as const)(
    "A7: at '%s', another program sees the old items and the intents",
    async (step) => {
      const { box } = await flight(step, 1, false);
      const stored = (await rawTable(database.connection, "things").scan()).filter((item) => item["box"]?.S === box);
      const plain = Object.fromEntries(stored.map(({ name, value, _tx }) => [name?.S, [value?.S, _tx !== undefined]]));
      expect(plain).toEqual({
        changed: ["old", true],
        created: [undefined, true],
        deleted: ["old", true],
        read: ["old", false],
      });
      const placeholder = stored.find(({ name }) => name?.S === "created");
      expect(Object.keys(placeholder ?? {}).toSorted()).toEqual(["_tx", "box", "name"]);
    },
  );

  /** Writers, and what becomes of the item when the transaction in their way has ended. */
  const writers: readonly (readonly [
    what: string,
    name: Name,
    write: (connection: Connection, box: string) => Promise<unknown>,
    ifCommitted: string | undefined | typeof ConflictError,
  ])[] = [
    [
      "a save over it",
      "changed",
      (c, box) => new (Thing.on(c))({ box, name: "changed", value: "mine" }).save(),
      "mine",
    ],
    [
      "a save over a placeholder",
      "created",
      (c, box) => new (Thing.on(c))({ box, name: "created", value: "mine" }).save(),
      "mine",
    ],
    [
      "a save over a deleted one",
      "deleted",
      (c, box) => new (Thing.on(c))({ box, name: "deleted", value: "mine" }).save(),
      "mine",
    ],
    ["an update", "changed", (c, box) => Thing.on(c).update(box, "changed", { value: "mine" }), "mine"],
    ["a delete", "changed", async (c, box) => (await Thing.on(c).find(box, "changed"))?.delete(), undefined],
    ["a delete by key", "created", (c, box) => Thing.on(c).batchWrite({ delete: [[box, "created"]] }), undefined],
  ];

  test.each(writers)("A7: %s waits for a pending one, and goes after it", async (_, name, write, value) => {
    const { box, goOn } = await flight("intended", 1, false);
    const connection = reader();
    const waits = gate();
    connection.on("wait", waits.open);
    const writing = write(connection, box);
    await Promise.race([waits.opened, writing.then(() => Promise.reject(new Error("it did not wait")))]);
    await goOn();
    await writing;
    expect((await Thing.on(reader()).find(box, name))?.value).toBe(value);
  });

  test.each(writers)("A7: %s carries a committed one out, and goes after it", async (_, name, write, value) => {
    const { box, goOn } = await flight("committed", 1, false);
    await write(reader(), box);
    expect((await Thing.on(reader()).find(box, name))?.value).toBe(value);
    await goOn();
    const rest = { ...after, [name]: value };
    expect(await found(reader(), box)).toEqual(present(Object.entries(rest)));
  });

  test.each(["intended", "committed"] as const)(
    "A7: at '%s', who has read the old state and saves it conflicts",
    async (step) => {
      const { box, goOn } = await flight("intended", 1, false);
      const connection = reader();
      const [changed, deleted] = await Promise.all([
        Thing.on(connection).get(box, "changed"),
        Thing.on(connection).get(box, "deleted"),
      ]);
      if (step === "committed") await goOn();
      const waits = gate();
      connection.on("wait", waits.open);
      const strict = { raiseOnConflict: true };
      const saves = [
        changed.save(strict),
        deleted.delete(strict),
        new (Thing.on(connection))({ box, name: "created" }).save(strict),
      ];
      const outcomes = Promise.allSettled(saves);
      if (step === "intended") await waits.opened;
      await goOn();
      for (const outcome of await outcomes)
        expect(outcome).toMatchObject({ status: "rejected", reason: expect.any(ConflictError) });
      expect(await found(reader(), box)).toEqual(after);
      await expect(Thing.on(connection).update(box, "deleted", { value: "x" })).rejects.toThrow(ItemNotFoundError);
    },
  );
});

import { eq, systemClock, transact } from "dynatx";
import type { Connection } from "dynatx";
import { describe, expect, test } from "vitest";
import type { ProtocolStep } from "../../../src/dynamodb/protocol-hooks.js";
import { useDatabase } from "../../support/databases.js";
import { unique } from "../bank.js";
import { Thing, Tool, quick, records, stopped, tidy, useThings } from "./things.js";

describe("A15: everything comes to an end", () => {
  const database = useDatabase();
  useThings(database);

  async function tools(...values: readonly string[]): Promise<string[]> {
    const names = values.map(() => unique());
    const Bound = Tool.on(database.connection);
    await Promise.all(names.map((name, n) => new Bound({ name, value: values[n] ?? "" }).save()));
    return names;
  }

  test("A15: a reader that pushes a slow transaction each time it has validated: it commits by intents in what it has read", async () => {
    const [read = "", written = ""] = await tools("read", "old");
    const Reading = Tool.on(database.connect());
    const met = new Map<ProtocolStep, number>();
    const seen: (string | undefined)[] = [];
    const step = async (each: ProtocolStep): Promise<void> => {
      met.set(each, (met.get(each) ?? 0) + 1);
      // Its old state is seen, so that it must look once more at what it has read.
      if (each === "validated" || each === "intent") seen.push((await Reading.find(written))?.value);
    };
    const connection = database.connect({ hooks: { step } });
    const Bound = Tool.on(connection);
    await transact(
      async (tx) => {
        await tx.get(Bound, read);
        (await tx.get(Bound, written)).value = "new";
      },
      { connection, backend: tidy, maxRetries: 1 },
    );
    expect(met.get("validated")).toBe(3);
    expect(met.get("intent")).toBe(2); // one in what is written, in the end one in what was only read
    expect(seen).toEqual(seen.map(() => "old"));
    expect((await Reading.get(written)).value).toBe("new");
    expect((await Reading.get(read)).value).toBe("read");
    expect(await records(database.connection)).toEqual([]);
  });

  test("A15: a reader that pushes once: it validates once more, and that is all", async () => {
    const [read = "", written = ""] = await tools("read", "old");
    const pushed = await stopped(database, ["validated"], async (tx, connection) => {
      await tx.get(Tool.on(connection), read);
      (await tx.get(Tool.on(connection), written)).value = "new";
    });
    const Reading = Tool.on(database.connection);
    expect((await Reading.get(written)).value).toBe("old");
    const changed = await Reading.get(read);
    await pushed.goOn();
    changed.value += "+";
    await changed.save({ raiseOnConflict: true }); // nothing of it was left in what it has read
    expect((await Reading.get(written)).value).toBe("new");
  });

  /** A process that has stopped altogether: not even its heart beats. */
  const dead = { ...systemClock, now: () => 1, sleep: () => Promise.resolve() };

  test("A15: a dead senior with readers around it: a junior writer gets through after a lease", async () => {
    const [read = "", written = ""] = await tools("read", "old");
    const senior = await stopped(
      database,
      ["intended"],
      async (tx, connection) => {
        await tx.get(Tool.on(connection), read);
        (await tx.get(Tool.on(connection), written)).value += "+senior";
      },
      { clock: dead, maxRetries: 1 },
    );
    const short = (): Connection => database.connect({ conflictBackoff: quick, coordinator: { leaseMs: 150 } });
    const over = new AbortController();
    const readers = [short(), short()].map(async (connection) => {
      const seen = new Set<string>();
      while (!over.signal.aborted) seen.add((await Tool.on(connection).get(written)).value);
      return [...seen];
    });
    const junior = short();
    await transact(async (tx) => void ((await tx.get(Tool.on(junior), written)).value += "+junior"), {
      connection: junior,
      backend: tidy,
    });
    over.abort();
    for (const seen of await Promise.all(readers)) expect(["old", "old,old+junior"]).toContain(seen.join(","));
    expect((await Tool.on(short()).get(written)).value).toBe("old+junior");
    await expect(senior.goOn()).rejects.toThrow("aborted");
  });

  test.each(["intended", "committed"] as const)(
    "A15: filters see the state that readers see, at '%s'",
    async (step) => {
      const box = unique();
      const Bound = Thing.on(database.connection);
      for (const name of ["changed", "deleted"]) await new Bound({ box, name, value: "old" }).save();
      await stopped(database, [step], async (tx, connection) => {
        const Own = Thing.on(connection);
        (await tx.get(Own, box, "changed")).value = "new";
        tx.delete(await tx.get(Own, box, "deleted"));
        tx.put(new Own({ box, name: "created", value: "new" }));
      });
      const query = async (value: string): Promise<string[]> => {
        const names: string[] = [];
        // A process of its own each time: what one has settled must not help the next.
        for await (const { name } of Thing.on(database.connect()).query(box, { filter: { value: eq(value) } }))
          names.push(name);
        return names;
      };
      const scan = async (value: string): Promise<string[]> => {
        const names: string[] = [];
        for await (const thing of Thing.on(database.connect()).scan({ filter: { value: eq(value) } }))
          if (thing.box === box) names.push(thing.name);
        return names.toSorted();
      };
      const found = {
        new: step === "committed" ? ["changed", "created"] : [],
        old: step === "committed" ? [] : ["changed", "deleted"],
      };
      expect({ new: await query("new"), old: await query("old") }).toEqual(found);
      expect({ new: await scan("new"), old: await scan("old") }).toEqual(found);
    },
  );
});

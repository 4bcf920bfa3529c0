import { randomInt } from "node:crypto";
import { describe, expect, test } from "vitest";
import { useDatabase } from "../support/databases.js";
import { unique } from "../transaction/bank.js";
import { Counter, useFaultTables } from "./ground.js";
import { randomRun, violationsOf } from "./random-run.js";
import type { Kind } from "./random-run.js";

/** `FAULT_SEED=...` repeats a run, as far as the order of requests repeats; `FAULT_RUNS=...` makes more of them. */
const firstSeed = Number(process.env["FAULT_SEED"] ?? randomInt(2 ** 31));
const runs = Number(process.env["FAULT_RUNS"] ?? 3);
const seeds = Array.from({ length: runs }, (_, n) => firstSeed + n);
const timeout = 60_000;

const all: readonly Kind[] = ["save", "save", "save", "save", "overwrite", "update", "remove", "discard"];

// As the protocol's simulation does: several clients on one item, and every fault of the network.
describe("X1: random writes through a failing network [dynalite]", () => {
  const database = useDatabase();
  useFaultTables(database);

  test.each(seeds)(
    "X1: seed %i: applied at most once, no false conflict, nothing acknowledged lost or late",
    { timeout },
    async (seed) => {
      const id = unique();
      const deeds = await randomRun(database, {
        ...{ seed, id, kinds: all, clients: 6, deedsPerClient: 40, foreign: seed % 2 === 0 },
      });
      expect(violationsOf(deeds), `seed ${seed}`).toEqual([]);
      const done = deeds.filter(({ told }) => told === "done");
      expect(done.length, `seed ${seed}`).toBeGreaterThan(deeds.length / 8);
    },
  );

  test.each(seeds)(
    "X1: seed %i: saves and updates alone: the counter says how many were applied",
    { timeout },
    async (seed) => {
      const id = unique();
      await new (Counter.on(database.connection))({ id }).save();
      const kinds: readonly Kind[] = ["save", "save", "update"];
      const deeds = await randomRun(database, {
        ...{ seed, id, kinds, clients: 4, deedsPerClient: 40, foreign: true },
      });
      expect(violationsOf(deeds), `seed ${seed}`).toEqual([]);
      const applied = deeds.reduce((sum, { executedAt }) => sum + executedAt.length, 0);
      expect((await Counter.on(database.connection).get(id)).count, `seed ${seed}`).toBe(applied);
    },
  );
});

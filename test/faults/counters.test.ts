import { AmbiguousWriteError, connect } from "dynatx";
import { expect, onTestFinished, test } from "vitest";
import { describeOnBoth } from "../support/databases.js";
import type { Kind } from "../support/databases.js";
import { unique } from "../transaction/bank.js";
import { Counter, Increment, proxyBefore, useFaultTables } from "./ground.js";

/** How many lost replies a run lasts for: `LOST_REPLIES=10000 npx vitest run test/faults/counters.test.ts`. */
const asked = Number(process.env["LOST_REPLIES"] ?? 0);
const lostReplies: Readonly<Record<Kind, number>> = { dynalite: asked || 1200, "DynamoDB Local": asked || 200 };
/** The seed of the run to repeat; by chance otherwise, and named in a failure. */
const seed = process.env["FAULT_SEED"] === undefined ? undefined : Number(process.env["FAULT_SEED"]);

const counters = 8;
const msPerLostReply = 40;

describeOnBoth("X1: counters, with replies lost at random", (database, kind) => {
  useFaultTables(database);

  test(
    `X1: ${lostReplies[kind]} lost replies: every counter is exact, and no conflict is false`,
    { timeout: 20_000 + msPerLostReply * lostReplies[kind] },
    async () => {
      const proxy = await proxyBefore(database, {
        seed,
        rates: { loseReply: 0.6, cutReply: 0.2 },
        operations: ["PutItem", "UpdateItem"],
      });
      connect(proxy.connection); // for the getters
      onTestFinished(() => void connect(database.connection));
      const ids = Array.from({ length: counters }, unique);
      for (const id of ids) await new (Counter.on(database.connection))({ id }).save();
      const lost = (): number => proxy.counts.loseReply + proxy.counts.cutReply;

      const done = await Promise.all(
        ids.map(async (id) => {
          let commits = 0;
          while (lost() < lostReplies[kind]) {
            const increment = new Increment({ counterId: id });
            await increment.commit();
            commits++;
          }
          return commits;
        }),
      );

      const counts = await Promise.all(ids.map(async (id) => (await Counter.on(database.connection).get(id)).count));
      expect(counts, `seed ${proxy.seed}`).toEqual(done);
      // One writer to a counter: whoever saw a conflict saw itself.
      const rows = await Promise.all(
        ids.map((id) => Increment.on(database.connection).query(id, { consistent: true }).toArray()),
      );
      expect(rows.map(({ length }) => length)).toEqual(done);
    },
  );

  test("X1: 60 transactions on one counter at once, all kinds of faults: exactly those that succeeded", async () => {
    const proxy = await proxyBefore(database, {
      seed,
      rates: { loseRequest: 0.05, loseReply: 0.1, deliverLater: 0.05, duplicate: 0.05, throttle: 0.05, cutReply: 0.05 },
      operations: ["PutItem", "UpdateItem"],
      maxDelayMs: 20,
    });
    connect(proxy.connection);
    onTestFinished(() => void connect(database.connection));
    const id = unique();
    await new (Counter.on(database.connection))({ id }).save();
    const ends = await Promise.allSettled(Array.from({ length: 60 }, () => new Increment({ counterId: id }).commit()));
    await proxy.settled();
    const failures = ends.flatMap((end) => (end.status === "rejected" ? [end.reason as unknown] : []));
    const doubtful = failures.filter((error) => error instanceof AmbiguousWriteError).length;
    expect(failures.length, `seed ${proxy.seed}: ${String(failures[0])}`).toBe(doubtful);
    const { count } = await Counter.on(database.connection).get(id);
    expect(count, `seed ${proxy.seed}`).toBeGreaterThanOrEqual(60 - doubtful);
    expect(count, `seed ${proxy.seed}`).toBeLessThanOrEqual(60);
  });
});

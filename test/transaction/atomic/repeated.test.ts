import { Connection, DynamoDBModel, atomic, transact } from "dynatx";
import { startFaultProxy } from "dynatx/testing";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import type { ProtocolStep } from "../../../src/dynamodb/protocol-hooks.js";
import { useDatabase } from "../../support/databases.js";
import { transactionInFlight } from "../../support/in-flight.js";
import { rawTable } from "../../support/raw-table.js";

class Tally extends DynamoDBModel.define({
  table: "repeated-tallies",
  hashKey: "id",
  schema: z.object({ id: z.string(), count: z.number().int().default(0) }),
}) {}

describe("a network that repeats what was refused", () => {
  const database = useDatabase("DynamoDB Local");

  beforeAll(() => database.connection.createTable(Tally, { waitForActive: true }));

  /**
   * The first send is refused, for an intent in the way, and its double arrives when that is gone, before the second
   * send. The story of one increment of two tallies; resolves with how often the work ran.
   */
  async function increment(): Promise<number> {
    const { endpoint, tablePrefix } = { endpoint: database.endpoint, tablePrefix: database.connection.tablePrefix };
    let doubled = 0;
    const proxy = await startFaultProxy(
      { endpoint },
      {
        plan: ({ operation }) =>
          operation === "TransactWriteItems" && doubled++ === 0 ? { fault: "duplicate", delayMs: 60_000 } : "none",
      },
    );
    onTestFinished(() => proxy.stop());
    let sends = 0;
    const step = async (name: ProtocolStep): Promise<void> => {
      if (name === "native sent" && ++sends === 2) await proxy.deliverNow();
    };
    const options = { client: proxy.client, tablePrefix, coordinator: { leaseMs: 100 }, hooks: { step } };
    const connection = new Connection(options);
    const Bound = Tally.on(connection);
    let runs = 0;
    await transact(
      async (tx) => {
        runs++;
        for (const id of ["held", "free"]) (await tx.get(Bound, id)).count++;
      },
      { connection, backend: atomic({ path: "native" }) },
    );
    expect(sends).toBeGreaterThan(1);
    return runs;
  }

  test("A10: what was refused for somebody in the way is sent again as it was: its double does not count twice", async () => {
    const Bound = Tally.on(database.connection);
    for (const id of ["held", "free"]) await new Bound({ id }).save();
    const { intent } = await transactionInFlight(database.connection);
    await rawTable(database.connection, "repeated-tallies").set({ id: { S: "held" } }, "_tx", intent);
    expect(await increment()).toBe(1);
    for (const id of ["held", "free"]) expect((await Bound.get(id)).count).toBe(1);
  });
});

import { CreateTableCommand } from "@aws-sdk/client-dynamodb";
import {
  ConflictError,
  DynamoDBModel,
  MaxRetriesExceededError,
  Transaction,
  ValidationError,
  systemClock,
  transactor,
} from "dynatx";
import type { Clock, Connection } from "dynatx";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { useDatabase } from "../support/databases.js";
import { faultyClient } from "../support/faults.js";
import { gate } from "./line.js";

class Gauge extends DynamoDBModel.define({
  table: "limited-gauges",
  hashKey: "id",
  schema: z.object({ id: z.string(), count: z.number().int().default(0), mark: z.string().default("m") }),
}) {}

type Step = (gauge: Gauge) => void;

/** Commits that change one gauge, each attempted once. */
function commitsOn(connection: Connection, id: string): (step: Step) => Promise<unknown> {
  const Gauges = Gauge.on(connection);
  class Touch extends Transaction.define({
    table: "touches",
    hashKey: "id",
    schema: z.object({ id: z.string() }),
  }).on(connection) {
    static override transient = true;
    static override maxRetries = 1;
    step: Step = () => {};
    override transactors() {
      return [transactor(Gauges.at(id), (gauge) => this.step(gauge))];
    }
  }
  return (step) => Object.assign(new Touch({ id }), { step }).commit();
}

const addOne: Step = (gauge) => void gauge.count++;

describe("combining: its limits", () => {
  const database = useDatabase("DynamoDB Local");

  // Its index is one that the model does not know: it refuses what the model takes.
  beforeAll(async () => {
    const keyed = (name: string) => [{ AttributeName: name, KeyType: "HASH" as const }];
    const text = (AttributeName: string) => ({ AttributeName, AttributeType: "S" as const });
    await database.client.send(
      new CreateTableCommand({
        TableName: database.connection.tableName("limited-gauges"),
        AttributeDefinitions: [text("id"), text("mark")],
        KeySchema: keyed("id"),
        GlobalSecondaryIndexes: [
          { IndexName: "unknown", KeySchema: keyed("mark"), Projection: { ProjectionType: "KEYS_ONLY" } },
        ],
        BillingMode: "PAY_PER_REQUEST",
      }),
    );
  });
  const created = (id: string): Promise<void> => new (Gauge.on(database.connection))({ id }).save();
  const countOf = async (id: string): Promise<number> => (await Gauge.on(database.connection).get(id)).count;

  test("X7: a batch whose setters have taken 500 ms is written; the others come next, in order", async () => {
    await created("slow");
    let now = 1_000_000;
    const clock: Clock = { ...systemClock, now: () => now };
    const connection = database.connect({ clock });
    const sizes: number[] = [];
    connection.on("combined", ({ size }) => sizes.push(size));
    const commit = commitsOn(connection, "slow");
    const order: number[] = [];
    const slowly = (n: number): Step => {
      return (gauge) => {
        now += 200;
        order.push(n);
        addOne(gauge);
      };
    };
    await Promise.all([1, 2, 3, 4, 5].map((n) => commit(slowly(n))));
    expect(sizes).toEqual([3, 2]);
    expect(order).toEqual([1, 2, 3, 4, 5]);
    expect(await countOf("slow")).toBe(5);
  });

  test("X7: when DynamoDB refuses a write of several for good, each is tried alone: only whose change it was fails", async () => {
    await created("refused");
    const connection = database.connect();
    const commit = commitsOn(connection, "refused");
    const ended = await Promise.allSettled([commit(addOne), commit((gauge) => void (gauge.mark = "")), commit(addOne)]);
    expect(ended.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(ended[1]).toMatchObject({ reason: expect.any(ValidationError) });
    expect(await countOf("refused")).toBe(2);
  });

  test("X7: 10,000 wait for an item; one more is told that it is a conflict, and nothing of it happens", async () => {
    await created("wanted");
    const reading = gate();
    const { client } = faultyClient(database.endpoint, async (operation) => {
      if (operation === "GetItem") await reading.opened;
      return undefined;
    });
    const commit = commitsOn(database.connect({ client }), "wanted");
    const waiting = Array.from({ length: 10_000 }, () => commit(addOne));
    const error: unknown = await commit(addOne).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(MaxRetriesExceededError);
    expect((error as MaxRetriesExceededError).cause).toBeInstanceOf(ConflictError);
    expect((error as MaxRetriesExceededError).message).toContain("10000 commits wait for it already");
    reading.open();
    await Promise.all(waiting);
    expect(await countOf("wanted")).toBe(10_000);
  });
});

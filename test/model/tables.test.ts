import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { DynamoDBModel, RequestError } from "dynatx";
import { expect, it } from "vitest";
import { z } from "zod";
import { describeOnBoth } from "../support/databases.js";
import type { Database } from "../support/databases.js";
import { faultyClient } from "../support/faults.js";

let tables = 0;

/** A model whose table is its own. */
function model() {
  return class Ship extends DynamoDBModel.define({
    table: `tables-ships-${++tables}`,
    hashKey: "fleet",
    rangeKey: "launched",
    indexes: {
      byTons: { hashKey: "fleet", rangeKey: "tons" },
      byYard: { hashKey: "yard", project: "keys" },
      byCode: { hashKey: "code", rangeKey: "launched", project: ["note"] },
    },
    schema: z.object({
      fleet: z.string(),
      launched: z.date(),
      tons: z.number(),
      yard: z.bigint().optional(),
      code: z.instanceof(Uint8Array).optional(),
      note: z.string().optional(),
    }),
  }) {};
}

async function describeTable({ connection, client }: Database) {
  const TableName = connection.tableName(`tables-ships-${tables}`);
  return (await client.send(new DescribeTableCommand({ TableName }))).Table!;
}

describeOnBoth("tables", (database) => {
  const { stringify } = JSON;
  const byName = (a: { IndexName?: string | undefined }, b: { IndexName?: string | undefined }) =>
    stringify(a.IndexName) < stringify(b.IndexName) ? -1 : 1;

  it("D22: createTable makes the keys and the indexes of the model, on demand", async () => {
    await database.connection.createTable(model(), { waitForActive: true });
    const table = await describeTable(database);
    expect(table.KeySchema).toEqual([
      { AttributeName: "fleet", KeyType: "HASH" },
      { AttributeName: "launched", KeyType: "RANGE" },
    ]);
    const types = new Map(table.AttributeDefinitions!.map((one) => [one.AttributeName, one.AttributeType]));
    expect(Object.fromEntries(types)).toEqual({ fleet: "S", launched: "S", tons: "N", yard: "N", code: "B" });
    expect(table.BillingModeSummary?.BillingMode).toBe("PAY_PER_REQUEST");
    const [byCode, byTons, byYard] = table.GlobalSecondaryIndexes!.toSorted(byName);
    expect(byTons).toMatchObject({
      IndexName: "byTons",
      KeySchema: [{ AttributeName: "fleet" }, { AttributeName: "tons", KeyType: "RANGE" }],
      Projection: { ProjectionType: "ALL" },
    });
    expect(byYard).toMatchObject({ IndexName: "byYard", KeySchema: [{ AttributeName: "yard", KeyType: "HASH" }] });
    // Besides what is asked for, an index holds what tells of writes and of transactions in flight.
    expect(new Set(byYard!.Projection?.NonKeyAttributes)).toEqual(new Set(["_v", "_tx"]));
    expect(new Set(byCode!.Projection?.NonKeyAttributes)).toEqual(new Set(["note", "_v", "_tx"]));
  });

  it("D22: waitForActive: the table can be used at once", async () => {
    const Ship = model();
    await database.connection.createTable(Ship, { waitForActive: true });
    expect((await describeTable(database)).TableStatus).toBe("ACTIVE");
    const Bound = Ship.on(database.connection);
    await new Bound({ fleet: "red", launched: new Date(0), tons: 1 }).save();
    expect(await Bound.query("red", { index: "byTons" }).toArray()).toHaveLength(1);
  });

  it("D22: the table is looked at until it is active only when that is asked for; ensureTable asks by itself", async () => {
    const { client, sent } = faultyClient(database.endpoint, () => undefined);
    const connection = database.connect({ client });
    await connection.createTable(model());
    expect(sent.splice(0)).toEqual(["CreateTable"]);
    const Ship = model();
    await connection.createTable(Ship, { waitForActive: true });
    expect(sent.splice(0)).toEqual(["CreateTable", "DescribeTable"]);
    await connection.ensureTable(Ship);
    expect(sent.splice(0)).toEqual(["CreateTable", "DescribeTable"]);
  });

  it("D22: readUnits and writeUnits provision the table and its indexes", async () => {
    await database.connection.createTable(model(), { waitForActive: true, readUnits: 3, writeUnits: 2 });
    const table = await describeTable(database);
    const units = { ReadCapacityUnits: 3, WriteCapacityUnits: 2 };
    expect(table.ProvisionedThroughput).toMatchObject(units);
    for (const index of table.GlobalSecondaryIndexes!) expect(index.ProvisionedThroughput).toMatchObject(units);
  });

  it("D22: ensureTable twice → no error, and items stay; at once from two sides too", async () => {
    const Ship = model();
    await Promise.all([database.connection.ensureTable(Ship), database.connection.ensureTable(Ship)]);
    const Bound = Ship.on(database.connection);
    await new Bound({ fleet: "red", launched: new Date(0), tons: 1 }).save();
    await database.connection.ensureTable(Ship);
    expect(await Bound.scan().toArray()).toHaveLength(1);
  });

  it("D22: createTable of a table that is there → RequestError", async () => {
    const Ship = model();
    await database.connection.createTable(Ship, { waitForActive: true });
    const again = database.connection.createTable(Ship);
    await expect(again).rejects.toThrow(RequestError);
    await expect(again).rejects.toThrow(/^CreateTable on table .*tables-ships.* failed: ResourceInUseException/);
  });

  it("D22: deleteTable deletes it with its items; again → RequestError", async () => {
    const Ship = model();
    await database.connection.createTable(Ship, { waitForActive: true });
    await database.connection.deleteTable(Ship, { waitForDeletion: true });
    await expect(describeTable(database)).rejects.toThrow(/not found|non-existent/i);
    await expect(database.connection.deleteTable(Ship)).rejects.toThrow(
      /^DeleteTable on table .* failed: ResourceNotFound/,
    );
  });
});

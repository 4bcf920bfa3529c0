import { DynamoDBModel } from "dynatx";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { saveableOf } from "../../src/model/model-core.js";
import { saveOf } from "../../src/model/save.js";
import { fenceRequest } from "../../src/model/write.js";
import { useDatabase } from "../support/databases.js";
import { intent, rawTable } from "../support/raw-table.js";

class Fenced extends DynamoDBModel.define({ table: "fenced", hashKey: "id", schema: z.object({ id: z.string() }) }) {}

describe("the fence before a write in doubt is given up", () => {
  const database = useDatabase();
  beforeAll(() => database.connection.createTable(Fenced, { waitForActive: true }));

  const key = { id: { S: "a" } };

  test.each([
    { it: "moves the write ids that were seen", outcome: "applied", change: {} },
    { it: "moves no others", outcome: "refused", change: { _v: { S: "another1" } } },
    { it: "X4: leaves an item in flight to its transaction", outcome: "refused", change: { _tx: intent } },
  ])("$it", async ({ outcome, change }) => {
    const Bound = Fenced.on(database.connection);
    const table = rawTable(database.connection, "fenced");
    await table.delete(key);
    const item = new Bound({ id: "a" });
    await item.save();
    const read = await Bound.get("a");
    const write = saveOf(saveableOf(read), undefined);
    for (const [name, value] of Object.entries(change)) await table.set(key, name, value);
    const result = await database.connection.requests.write(fenceRequest(write, write.before!));
    expect(result.outcome).toBe(outcome);
  });
});

import { DynamoDBModel, OverwriteError } from "dynatx";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { describeOnBoth } from "../support/databases.js";

class Item extends DynamoDBModel.define({
  table: "smoke-items",
  hashKey: "id",
  schema: z.object({ id: z.string() }),
}) {}

describeOnBoth("smoke", (database) => {
  beforeAll(() => database.connection.createTable(Item, { waitForActive: true }));
  it("D5: raiseOnConflict refuses an item that is there", async () => {
    const Bound = Item.on(database.connection);
    await new Bound({ id: "a" }).save();
    await expect(new Bound({ id: "a" }).save({ raiseOnConflict: true })).rejects.toThrow(OverwriteError);
  });
});

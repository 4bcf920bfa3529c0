import { randomUUID } from "node:crypto";
import { ConflictError, DynamoDBModel, OverwriteError } from "dynatx";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { useDatabase } from "../support/databases.js";
import { faultyClient } from "../support/faults.js";

const strict = { raiseOnConflict: true };

describe("edited keys", () => {
  class Ship extends DynamoDBModel.define({
    table: "ships",
    hashKey: "name",
    rangeKey: "builtAt",
    schema: z.object({ name: z.string(), builtAt: z.date(), tons: z.number() }),
  }) {}
  const database = useDatabase();
  beforeAll(() => database.connection.createTable(Ship, { waitForActive: true }));

  it.each([
    ["the hash key", (ship: Ship) => (ship.name = "blue")],
    ["the range key", (ship: Ship) => (ship.builtAt = new Date(1))],
    ["the range key's date in place", (ship: Ship) => ship.builtAt.setFullYear(2000)],
  ])("D9: %s edited on an instance that was read is a ConflictError, and never a second item", async (_, edit) => {
    const { client, sent } = faultyClient(database.endpoint, () => undefined);
    const Bound = Ship.on(database.connect({ client }));
    const name = randomUUID();
    await new Bound({ name, builtAt: new Date(0), tons: 1 }).save();
    const all = await Bound.scan({ consistent: true }).toArray();
    for (const options of [strict, {}]) {
      const ship = await Bound.get(name, new Date(0));
      edit(ship);
      sent.length = 0;
      await expect(ship.save(options)).rejects.toThrow(ConflictError);
      await expect(ship.delete(options)).rejects.toThrow(ConflictError);
      expect(sent).toEqual([]);
    }
    expect(await Bound.scan({ consistent: true }).toArray()).toEqual(all);
  });

  it("D9: on a new instance the key may be edited freely; onto an existing item it is an OverwriteError", async () => {
    const Bound = Ship.on(database.connection);
    const [name, taken] = [randomUUID(), randomUUID()];
    await new Bound({ name: taken, builtAt: new Date(0), tons: 1 }).save();
    const ship = new Bound({ name: "other", builtAt: new Date(0), tons: 2 });
    ship.name = taken;
    await expect(ship.save(strict)).rejects.toThrow(OverwriteError);
    ship.name = name;
    await ship.save(strict);
    expect(await Bound.find("other", new Date(0))).toBeUndefined();
    expect(await Bound.get(taken, new Date(0))).toMatchObject({ tons: 1 });
    expect(await Bound.get(name, new Date(0))).toMatchObject({ tons: 2 });
  });
});

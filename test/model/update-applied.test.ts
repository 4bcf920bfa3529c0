import { DynamoDBModel, ValidationError, add, remove } from "dynatx";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { useDatabase } from "../support/databases.js";

class Person extends DynamoDBModel.define({
  table: "people",
  hashKey: "id",
  schema: z.object({ id: z.string(), first: z.string(), last: z.string() }),
  migrations: [
    { version: 1, detect: (raw) => "full" in raw, migrate: (raw) => raw },
    {
      version: 2,
      detect: (raw) => "first" in raw,
      migrate({ full, ...rest }) {
        const [first, last] = String(full).split(" ");
        return { ...rest, first, last };
      },
    },
  ],
}) {}

class Meter extends DynamoDBModel.define({
  table: "meters",
  hashKey: "id",
  schema: z.object({ id: z.string(), level: z.number().min(0), note: z.string().optional() }),
}) {}

describe("what an update leaves behind", () => {
  const database = useDatabase();
  beforeAll(async () => {
    await database.connection.createTable(Person, { waitForActive: true });
    await database.connection.createTable(Meter, { waitForActive: true });
  });

  it("D18 D26: an item of an old version is brought to the newest one first, so that no change is lost", async () => {
    const People = Person.on(database.connection);
    const Old = DynamoDBModel.define({
      table: "people",
      hashKey: "id",
      schema: z.object({ id: z.string(), full: z.string() }),
    }).on(database.connection);
    await new Old({ id: "ann", full: "Ann Bee" }).save();

    const updated = await People.update("ann", { last: "Zed" });
    expect(updated.toJSON()).toEqual({ id: "ann", first: "Ann", last: "Zed" });
    expect((await People.get("ann")).last).toBe("Zed");
  });

  it("D26: a result that no longer fits the schema says that it was applied", async () => {
    const Meters = Meter.on(database.connection);
    await new Meters({ id: "m", level: 3 }).save();
    const failure = await Meters.update("m", { level: add(-5) }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ValidationError);
    expect(String(failure)).toMatch(/the update was applied, and now .*level/);
    expect((await Meters.get("m", { validate: false })).level).toBe(-2);
  });

  it("D25 D26: sums of fractions stay readable, though they have more digits than a number", async () => {
    const Meters = Meter.on(database.connection);
    await new Meters({ id: "f", level: 0.1 + 0.2 }).save();
    await Meters.update("f", { level: add(0.1) });
    expect((await Meters.get("f")).level).toBeCloseTo(0.4, 12);
  });

  it("D26: a required attribute is not removed", async () => {
    const Meters = Meter.on(database.connection);
    await new Meters({ id: "r", level: 1, note: "x" }).save();
    // @ts-expect-error -- what the compiler refuses already
    await expect(Meters.update("r", { level: remove() })).rejects.toThrow(ValidationError);
    expect((await Meters.update("r", { note: remove() })).note).toBeUndefined();
  });
});

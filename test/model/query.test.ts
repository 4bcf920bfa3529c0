import {
  DynamoDBModel,
  ItemNotFoundError,
  ValidationError,
  beginsWith,
  between,
  eq,
  exists,
  ge,
  gt,
  le,
  lt,
  ne,
  or,
} from "dynatx";
import type { RangeTest } from "dynatx";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { describeOnBoth } from "../support/databases.js";

class Ship extends DynamoDBModel.define({
  table: "query-ships",
  hashKey: "fleet",
  rangeKey: "name",
  schema: z.object({ fleet: z.string(), name: z.string(), tons: z.number().default(0) }),
}) {}

class Reading extends DynamoDBModel.define({
  table: "query-readings",
  hashKey: "sensor",
  rangeKey: "at",
  schema: z.object({ sensor: z.number(), at: z.date() }),
}) {}

class Sample extends DynamoDBModel.define({
  table: "query-samples",
  hashKey: "series",
  rangeKey: "position",
  schema: z.object({ series: z.instanceof(Uint8Array), position: z.number() }),
}) {}

describeOnBoth("query", (database) => {
  const ships = () => Ship.on(database.connection);
  const names = ["anna", "berta", "bert", "clara", "dora"];

  beforeAll(async () => {
    for (const model of [Ship, Reading, Sample]) {
      await database.connection.createTable(model, { waitForActive: true });
    }
    const Bound = ships();
    const red = names.map((name, index) => new Bound({ fleet: "red", name, tons: index }));
    await Bound.batchWrite({ put: [...red, new Bound({ fleet: "blue", name: "bert", tons: 9 })] });
  });

  it("D15: query by hash brings the items of that hash as instances, ascending by range key", async () => {
    const found = await ships().query("red").toArray();
    expect(found.map(({ name }) => name)).toEqual(["anna", "bert", "berta", "clara", "dora"]);
    expect(found.every((ship) => ship instanceof Ship)).toBe(true);
    expect(found.map(({ tons }) => tons)).toEqual([0, 2, 1, 3, 4]);
  });

  it("D15: query of a hash without items brings nothing", async () => {
    expect(await ships().query("green").toArray()).toEqual([]);
    expect(await ships().query("green").first()).toBeUndefined();
  });

  it.each<[string, RangeTest<string>, string[]]>([
    ["eq", eq("bert"), ["bert"]],
    ["lt", lt("berta"), ["anna", "bert"]],
    ["le", le("berta"), ["anna", "bert", "berta"]],
    ["gt", gt("berta"), ["clara", "dora"]],
    ["ge", ge("berta"), ["berta", "clara", "dora"]],
    ["between, both ends included", between("bert", "clara"), ["bert", "berta", "clara"]],
    ["beginsWith", beginsWith("ber"), ["bert", "berta"]],
  ])("D15: query with the range condition %s", async (_, range, expected) => {
    const found = await ships().query("red", { range }).toArray();
    expect(found.map(({ name }) => name)).toEqual(expected);
  });

  it("D15: reverse is descending, with a range and a limit too", async () => {
    const all = await ships().query("red", { reverse: true }).toArray();
    expect(all.map(({ name }) => name)).toEqual(["dora", "clara", "berta", "bert", "anna"]);
    const some = await ships()
      .query("red", { range: lt("clara"), reverse: true, limit: 2 })
      .toArray();
    expect(some.map(({ name }) => name)).toEqual(["berta", "bert"]);
  });

  it("D15: query with a filter brings what matches; keys of the query cannot be filtered on", async () => {
    const found = await ships()
      .query("red", { filter: or({ tons: gt(3) }, { tons: eq(0) }), consistent: true })
      .toArray();
    expect(found.map(({ name }) => name)).toEqual(["anna", "dora"]);
    const Bound = ships();
    expect(() => Bound.query("red", { filter: { name: exists() } })).toThrow(ValidationError);
    expect(() => Bound.query("red", { filter: { fleet: exists() } })).toThrow(ValidationError);
  });

  it("D15: a range of dates is compared by time", async () => {
    const Bound = Reading.on(database.connection);
    const day = (n: number) => new Date(Date.UTC(2026, 0, n));
    await Bound.batchWrite({ put: [1, 2, 3, 10].map((n) => new Bound({ sensor: 1.5, at: day(n) })) });
    const found = await Bound.query(1.5, { range: between(day(2), day(9)) }).toArray();
    expect(found.map(({ at }) => at)).toEqual([day(2), day(3)]);
  });

  it("D15: bytes as hash key, and numbers as range key in the order of numbers", async () => {
    const Bound = Sample.on(database.connection);
    const series = new Uint8Array([0, 255, 7]);
    await Bound.batchWrite({ put: [10, -1, 9, 2.5].map((position) => new Bound({ series, position })) });
    const found = await Bound.query(series, { range: gt(-1) }).toArray();
    expect(found.map(({ position }) => position)).toEqual([2.5, 9, 10]);
  });

  it("D15: what a query brought can be changed and saved against what was read", async () => {
    const Bound = ships();
    await new Bound({ fleet: "saved", name: "a", tons: 1 }).save();
    const [read] = await Bound.query("saved").toArray();
    read!.tons = 2;
    await read!.save({ raiseOnConflict: true });
    expect((await Bound.get("saved", "a")).tons).toBe(2);
    await expect(Bound.get("saved", "b")).rejects.toThrow(ItemNotFoundError);
  });

  it("D15: bad input is a ValidationError at the call, before any request", () => {
    const Bound = ships();
    // Calls as JavaScript makes them: the types refuse each of these.
    const query: (hash: unknown, options?: object) => unknown = Bound.query.bind(Bound) as never;
    expect(() => query(7)).toThrow(ValidationError);
    expect(() => query("")).toThrow(ValidationError);
    expect(() => query("red", { range: "bert" })).toThrow(ValidationError);
    expect(() => query("red", { range: eq(1) })).toThrow(ValidationError);
    expect(() => query("red", { range: ne("bert") })).toThrow(ValidationError);
    expect(() => query("red", { index: "none" })).toThrow(ValidationError);
    expect(() => query("red", { limit: -1 })).toThrow(ValidationError);
    expect(() => query("red", { limit: 1.5 })).toThrow(ValidationError);
    expect(() => query("red", { pageSize: 0 })).toThrow(ValidationError);
    expect(() => query("red", { cursor: "not a cursor" })).toThrow(ValidationError);
    expect(() => query("red", { filter: { height: gt(1) } })).toThrow(ValidationError);
  });
});

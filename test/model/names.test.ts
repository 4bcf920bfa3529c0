import { ConditionFailedError, ConflictError, DynamoDBModel, add, eq, exists, gt, notExists, remove } from "dynatx";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { describeOnBoth } from "../support/databases.js";
import { rawTable } from "../support/raw-table.js";

const table = "names-items";

/** Names that expressions, paths or JavaScript's own objects would trip over. */
const names = [
  "size",
  "name",
  "status",
  "table",
  "and",
  "a.b",
  "a-b",
  "a b",
  "#a",
  ":a",
  "1st",
  "[0]",
  "ünï",
  "__proto__",
  "constructor",
  "hasOwnProperty",
  "toString",
  "valueOf",
] as const;
type Name = (typeof names)[number];

const optional = Object.fromEntries(names.map((name) => [name, z.number().optional()])) as Record<
  Name,
  z.ZodOptional<z.ZodNumber>
>;
// In a literal, `__proto__:` would set the prototype.
const shape = { id: z.string(), ...optional };

class Odd extends DynamoDBModel.define({ table, hashKey: "id", schema: z.object(shape) }) {}

/** Values as JavaScript makes them when the name is computed. */
const one = (name: Name, value: unknown) => ({ [name]: value });
const read = (instance: object, name: Name): unknown => Object.getOwnPropertyDescriptor(instance, name)?.value;

class Keyed extends DynamoDBModel.define({
  table: "names-keyed",
  hashKey: "constructor",
  rangeKey: "a.b c",
  indexes: { byName: { hashKey: "#name", rangeKey: "1 size", project: "keys" } },
  schema: z.object({ constructor: z.string(), "a.b c": z.string(), "#name": z.string(), "1 size": z.number() }),
}) {}

class Nested extends DynamoDBModel.define({
  table: "names-nested",
  hashKey: "id",
  schema: z.object({
    id: z.string(),
    data: z.object({ "a.b": z.number(), constructor: z.number(), toString: z.number(), size: z.number() }),
    free: z.record(z.string(), z.number()),
  }),
}) {}

describeOnBoth("attribute names", (database) => {
  const odd = () => Odd.on(database.connection);
  const raw = () => rawTable(database.connection, table);
  // The SDK drops an attribute called __proto__, so it is stored under another name.
  const stored = (name: Name) => (name === "__proto__" ? "___proto__" : name);

  beforeAll(async () => {
    for (const model of [Odd, Keyed, Nested]) await database.connection.createTable(model, { waitForActive: true });
  });

  it.each(names)("D24: %s is stored, read, changed and removed like any other", async (name) => {
    const id = `stored ${name}`;
    await new (odd())({ id, ...one(name, 1) }).save();
    expect(await raw().get({ id: { S: id } })).toEqual({
      id: { S: id },
      [stored(name)]: { N: "1" },
      _v: { S: expect.any(String) },
    });
    const instance = await odd().get(id);
    expect(read(instance, name)).toBe(1);
    expect(Object.entries(instance.toJSON())).toEqual([
      ["id", id],
      [name, 1],
    ]);
    Object.defineProperty(instance, name, { value: 2, writable: true, enumerable: true, configurable: true });
    await instance.save({ raiseOnConflict: true });
    expect(read(await odd().get(id), name)).toBe(2);
    await instance.reload();
    Object.defineProperty(instance, name, { value: undefined, writable: true, enumerable: true, configurable: true });
    await instance.save();
    expect(Object.keys((await raw().get({ id: { S: id } })) ?? {}).toSorted()).toEqual(["_v", "id"]);
  });

  it.each(names)("D24: %s absent reads as absent, and its appearance is a conflict", async (name) => {
    const id = `absent ${name}`;
    await raw().put({ id: { S: id } });
    const instance = await odd().get(id);
    expect(read(instance, name)).toBeUndefined();
    expect(instance.toJSON()).toEqual({ id });
    await instance.save({ raiseOnConflict: true });
    await raw().set({ id: { S: id } }, stored(name), { N: "1" });
    await expect(instance.save({ raiseOnConflict: true })).rejects.toThrow(ConflictError);
  });

  it.each(names)("D24: %s is conditioned on, filtered by, updated and projected like any other", async (name) => {
    const id = `asked ${name}`;
    const instance = new (odd())({ id, ...one(name, 5) });
    await instance.save({ condition: one(name, notExists()) });
    await instance.save({ condition: one(name, gt(4)) });
    const failed = instance.save({ condition: one(name, eq(4)) });
    await expect(failed).rejects.toThrow(ConditionFailedError);
    const { item } = (await failed.catch((error: unknown) => error as ConditionFailedError)) as ConditionFailedError;
    expect(read(item!, name)).toBe(5);
    const found = await odd()
      .query(id, { filter: one(name, exists()) })
      .toArray();
    expect(found.map((hit) => read(hit, name))).toEqual([5]);
    expect(
      await odd()
        .scan({ filter: { id: eq(id), ...one(name, eq(6)) } })
        .toArray(),
    ).toEqual([]);
    expect(read(await odd().update(id, one(name, 7)), name)).toBe(7);
    expect(read(await odd().update(id, one(name, add(1)), { condition: one(name, eq(7)) }), name)).toBe(8);
    expect(read(await odd().update(id, one(name, remove())), name)).toBeUndefined();
    expect(read((await odd().getBatch([id]))[0]!, name)).toBeUndefined();
  });

  it("D24: such names are keys of tables and indexes like any other", async () => {
    const Bound = Keyed.on(database.connection);
    for (const n of [1, 2]) {
      await new Bound({ constructor: "c", "a.b c": `r${n}`, "#name": "n", "1 size": n }).save({
        raiseOnConflict: true,
      });
    }
    expect((await Bound.get("c", "r1"))["1 size"]).toBe(1);
    const ranged = await Bound.query("c", { range: gt("r1") }).toArray();
    expect(ranged.map((item) => item["a.b c"])).toEqual(["r2"]);
    const indexed = await Bound.query("n", { index: "byName", range: gt(1) }).toArray();
    expect(indexed.map((item) => item["a.b c"])).toEqual(["r2"]);
    for await (const page of Bound.query("n", { index: "byName", limit: 1 }).pages()) {
      const next = await Bound.query("n", { index: "byName", cursor: page.cursor }).toArray();
      expect(next.map((item) => item["1 size"])).toEqual([2]);
    }
    expect((await Bound.update("c", "r1", { "1 size": add(9) }))["1 size"]).toBe(10);
    await (await Bound.get("c", "r1")).delete({ raiseOnConflict: true });
    expect(await Bound.find("c", "r1")).toBeUndefined();
  });

  it("D24: such names are members of nested objects like any other", async () => {
    const Bound = Nested.on(database.connection);
    const data = { "a.b": 1, constructor: 2, toString: 3, size: 4 };
    const free = { "a.b": 1, constructor: 2, "#x": 4 };
    await new Bound({ id: "n", data, free }).save();
    const instance = await Bound.get("n");
    expect(instance.toJSON()).toEqual({ id: "n", data, free });
    instance.data.constructor = 9;
    await instance.save({ raiseOnConflict: true, condition: { data: { "a.b": eq(1), toString: eq(3) } } });
    const found = await Bound.scan({ filter: { data: { constructor: eq(9) } } }).toArray();
    expect(found.map(({ id }) => id)).toEqual(["n"]);
  });
});

import { DynamoDBModel, ValidationError, add, union } from "dynatx";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { describeOnBoth } from "../support/databases.js";
import { faultyClient } from "../support/faults.js";
import { rawTable } from "../support/raw-table.js";

const table = "limits-items";
const maxItemBytes = 400 * 1024;

class Item extends DynamoDBModel.define({
  table,
  hashKey: "id",
  rangeKey: "part",
  indexes: { byOther: { hashKey: "other", rangeKey: "bytes" } },
  schema: z.object({
    id: z.string(),
    part: z.string(),
    other: z.string().optional(),
    bytes: z.instanceof(Uint8Array).optional(),
    text: z.string().optional(),
    count: z.number().optional(),
    counts: z.set(z.number()).optional(),
    big: z.bigint().optional(),
    deep: z.array(z.object({ value: z.number() })).optional(),
    free: z.record(z.string(), z.bigint()).optional(),
  }),
}) {}

describeOnBoth("limits", (database) => {
  const items = () => Item.on(database.connection);
  const raw = () => rawTable(database.connection, table);

  beforeAll(() => database.connection.createTable(Item, { waitForActive: true }));

  /** The model on a connection that lists what it sends. */
  function counted() {
    const { client, sent } = faultyClient(database.endpoint, () => undefined);
    return { Model: Item.on(database.connect({ client })), sent };
  }

  it("D25: an item at the limit of 400 KB is stored, one byte more is a ValidationError before any request", async () => {
    const { Model, sent } = counted();
    const item = new Model({ id: "size", part: "a", text: "x" });
    const other = ["id", "part", "text", "size", "a"].join("").length;
    item.text = "x".repeat(maxItemBytes - other + 1);
    await expect(item.save()).rejects.toThrow(/size.*bytes, over DynamoDB's limit/);
    await expect(item.save({ raiseOnConflict: true })).rejects.toThrow(ValidationError);
    await expect(Model.batchWrite({ put: [item] }, { bulk: true })).rejects.toThrow(ValidationError);
    expect(sent).toEqual([]);
    item.text = "é".repeat(maxItemBytes / 2); // measured in bytes, not in characters
    await expect(item.save()).rejects.toThrow(ValidationError);
    item.text = "x".repeat(maxItemBytes - other - 100); // room for what the library adds
    await item.save();
    expect((await items().get("size", "a")).text).toHaveLength(maxItemBytes - other - 100);
  });

  it.each([
    ["hash key", { id: "x".repeat(2048), part: "a" }, { id: "x".repeat(2049), part: "a" }],
    ["hash key in bytes", { id: "é".repeat(1024), part: "a" }, { id: "é".repeat(1024) + "x", part: "a" }],
    ["range key", { id: "range", part: "x".repeat(1024) }, { id: "range", part: "x".repeat(1025) }],
  ])("D25: a %s at its limit is stored, one byte more is a ValidationError", async (_, fits, over) => {
    const { Model, sent } = counted();
    await expect(new Model(over).save()).rejects.toThrow(ValidationError);
    await expect(Model.get(over.id, over.part)).rejects.toThrow(ValidationError);
    expect(() => Model.at(over.id, over.part)).toThrow(ValidationError);
    await expect(Model.update(over.id, over.part, { count: 1 })).rejects.toThrow(ValidationError);
    await expect(Model.getBatch([[over.id, over.part]])).rejects.toThrow(ValidationError);
    expect(sent).toEqual([]);
    await new Model(fits).save();
    expect((await Model.get(fits.id, fits.part)).toJSON()).toEqual(fits);
  });

  it.each([
    ["empty hash key", { id: "", part: "a" }],
    ["empty range key", { id: "empty", part: "" }],
    ["index hash key over its limit", { id: "index", part: "a", other: "x".repeat(2049) }],
    ["index range key over its limit", { id: "index", part: "a", other: "x", bytes: new Uint8Array(1025) }],
    ["empty index key", { id: "index", part: "a", other: "" }],
  ])("D25: %s → ValidationError, nothing sent", async (_, values) => {
    const { Model, sent } = counted();
    await expect(new Model(values).save()).rejects.toThrow(ValidationError);
    expect(sent).toEqual([]);
  });

  it.each(["", "x".repeat(2049)])("D25: an update refuses an index key that cannot be one", async (other) => {
    const { Model, sent } = counted();
    await expect(Model.update("update", "a", { other })).rejects.toThrow(ValidationError);
    expect(sent).toEqual([]);
  });

  const unholdable = [
    ["NaN", { count: NaN }],
    ["Infinity", { count: -Infinity }],
    ["an unsafe integer", { count: 2 ** 53 + 2 }],
    ["a number too large", { count: 1e126 }],
    ["a number too small", { count: 1e-131 }],
    ["NaN inside", { deep: [{ value: NaN }] }],
    ["an unsafe integer in a set", { counts: new Set([1, 2 ** 60 + 256]) }],
    ["39 digits", { big: 10n ** 38n + 1n }],
    ["39 digits inside", { free: { a: 10n ** 38n + 1n } }],
  ] as const;

  it.each(unholdable)("D25: %s → ValidationError at save and update, nothing sent", async (_, values) => {
    const { Model, sent } = counted();
    const item = new Model({ id: "number", part: "a" });
    Object.assign(item, values);
    await expect(item.save()).rejects.toThrow(ValidationError);
    await expect(Model.update("number", "a", values as object)).rejects.toThrow(ValidationError);
    expect(sent).toEqual([]);
  });

  it("D25: adding and asking for such numbers is refused too", async () => {
    const { Model, sent } = counted();
    await expect(Model.update("number", "a", { count: add(Infinity) })).rejects.toThrow(ValidationError);
    await expect(Model.update("number", "a", { big: add(10n ** 40n + 1n) })).rejects.toThrow(ValidationError);
    await expect(Model.update("number", "a", { counts: union([NaN]) })).rejects.toThrow(ValidationError);
    expect(sent).toEqual([]);
  });

  it("D25: what a number can hold exactly is stored and read exactly, up to the ends", async () => {
    const counts = [0, -0, 0.1, 1e21, 1e125, 1e-130, -9007199254740991, 9007199254740991, 123456789.123456];
    const big = 10n ** 38n - 1n;
    await new (items())({ id: "exact", part: "a", counts: new Set(counts), big, free: { a: -big } }).save();
    const read = await items().get("exact", "a");
    expect([...read.counts!].toSorted((a, b) => a - b)).toEqual([...new Set(counts)].toSorted((a, b) => a - b));
    expect([read.big, read.free]).toEqual([big, { a: -big }]);
  });

  it.each([
    ["count", { N: "9007199254740993" }, ["count"]],
    ["counts", { NS: ["1", "9007199254740993"] }, ["counts"]],
    ["deep", { L: [{ M: { value: { N: "90071992547409930001" } } }] }, ["deep", 0, "value"]],
  ] as const)(
    "D25: a stored %s that a number cannot hold exactly (%o) → ValidationError on read",
    async (name, value, path) => {
      const id = `read ${name} ${JSON.stringify(value)}`;
      await raw().put({ id: { S: id }, part: { S: "a" }, [name]: value as never });
      const reading = items().get(id, "a");
      await expect(reading).rejects.toThrow(ValidationError);
      await expect(reading).rejects.toMatchObject({ key: { id, part: "a" }, issues: [{ path }] });
      await expect(items().query(id).toArray()).rejects.toThrow(ValidationError);
      await raw().delete({ id: { S: id }, part: { S: "a" } });
    },
  );

  it("D25: a fraction read into a bigint → ValidationError on read", async () => {
    await raw().put({ id: { S: "fraction" }, part: { S: "a" }, big: { N: "1.5" } });
    await expect(items().get("fraction", "a")).rejects.toThrow(ValidationError);
  });
});

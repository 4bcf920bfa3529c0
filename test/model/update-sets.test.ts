import { ConditionFailedError, DynamoDBModel, add, eq, patch, union, without } from "dynatx";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { describeOnBoth } from "../support/databases.js";
import { rawTable } from "../support/raw-table.js";

const table = "update-sets";

/** An empty set is stored as no attribute where that reads as empty (`tags`), and as an empty list elsewhere (`marks`). */
class Item extends DynamoDBModel.define({
  table,
  hashKey: "id",
  schema: z.object({
    id: z.string(),
    tags: z.set(z.string()),
    marks: z.set(z.string()).optional(),
    sizes: z.set(z.number()).nullable(),
    names: z.set(z.string()).default(new Set(["none"])),
    keys: z.set(z.instanceof(Uint8Array)).optional(),
    count: z.number().default(0),
    inner: z
      .object({ tags: z.set(z.string()), marks: z.set(z.string()).optional() })
      .default(() => ({ tags: new Set<string>(), marks: new Set<string>() })),
  }),
}) {}

describeOnBoth("update of sets", (database) => {
  const items = () => Item.on(database.connection);
  const raw = () => rawTable(database.connection, table);

  beforeAll(() => database.connection.createTable(Item, { waitForActive: true }));

  async function make(id: string, members: readonly string[]) {
    const marks = new Set(members);
    const sizes = new Set(members.map(Number));
    const keys = new Set(members.map((member) => Buffer.from(member)));
    await new (items())({ id, tags: marks, marks, sizes, names: marks, keys, inner: { tags: marks, marks } }).save();
  }

  it("D26: union and without change sets of every kind", async () => {
    await make("both", ["1", "2"]);
    const added = await items().update("both", {
      tags: union(["2", "3"]),
      marks: union(["3"]),
      sizes: union([3]),
      names: union(["3"]),
      keys: union([Buffer.from("3")]),
    });
    expect(added).toMatchObject({
      tags: new Set(["1", "2", "3"]),
      marks: new Set(["1", "2", "3"]),
      sizes: new Set([1, 2, 3]),
      names: new Set(["1", "2", "3"]),
    });
    expect(added.keys).toHaveLength(3);
    const fewer = await items().update("both", {
      tags: without(["1", "9"]),
      sizes: without(new Set([1, 2])),
      names: without(["2"]),
      keys: without([Buffer.from("1")]),
    });
    expect(fewer).toMatchObject({
      tags: new Set(["2", "3"]),
      sizes: new Set([3]),
      names: new Set(["1", "3"]),
    });
    expect(fewer.keys).toHaveLength(2);
  });

  it("D26: union and without of nothing leave a set as it is", async () => {
    await make("nothing", ["1"]);
    expect((await items().update("nothing", { tags: union([]), marks: without([]) })).toJSON()).toMatchObject({
      tags: ["1"],
      marks: ["1"],
    });
  });

  it("D26: union with an empty set, in both stored forms, one request more at the most", async () => {
    await make("empty", []);
    const stored = await raw().get({ id: { S: "empty" } });
    expect(stored).not.toHaveProperty("tags");
    expect(stored).toMatchObject({ marks: { L: [] }, sizes: { L: [] }, names: { L: [] } });
    const changes = { tags: union(["a"]), marks: union(["b"]), sizes: union([1]), names: union(["c"]) };
    const item = await items().update("empty", { ...changes, count: add(1) });
    expect(item).toMatchObject({
      tags: new Set(["a"]),
      marks: new Set(["b"]),
      sizes: new Set([1]),
      names: new Set(["c"]),
      count: 1,
    });
  });

  it("D26: without from an empty set, in both stored forms, changes nothing", async () => {
    await make("empty-without", []);
    const item = await items().update("empty-without", { tags: without(["a"]), marks: without(["b"]), count: add(1) });
    expect(item).toMatchObject({ tags: new Set(), marks: new Set(), count: 1 });
  });

  it("D26: a union with an empty set still asks the condition", async () => {
    await make("empty-condition", []);
    const refused = items().update("empty-condition", { marks: union(["b"]) }, { condition: { count: eq(9) } });
    await expect(refused).rejects.toThrow(ConditionFailedError);
    const held = await items().update("empty-condition", { marks: union(["b"]) }, { condition: { count: eq(0) } });
    expect(held.marks).toEqual(new Set(["b"]));
  });

  it("D26: concurrent unions with an empty set lose nothing", async () => {
    await make("race", []);
    const members = Array.from({ length: 10 }, (_, n) => `m${n}`);
    await Promise.all(
      members.map((member) => items().update("race", { marks: union([member]), tags: union([member]) })),
    );
    const { marks, tags } = await items().get("race");
    expect([marks, tags]).toEqual([new Set(members), new Set(members)]);
  });

  it("D26: setting an empty set stores its form, which can be added to", async () => {
    await make("set-empty", ["1"]);
    const item = await items().update("set-empty", { tags: new Set(), marks: new Set() });
    expect(item).toMatchObject({ tags: new Set(), marks: new Set() });
    expect(await raw().get({ id: { S: "set-empty" } })).not.toHaveProperty("tags");
    const added = await items().update("set-empty", { marks: union(["x"]), tags: union(["y"]) });
    expect(added).toMatchObject({ marks: new Set(["x"]), tags: new Set(["y"]) });
  });

  it("D26: a set that without empties reads as an empty set, never as absent or as its default", async () => {
    await make("emptied", ["1", "2"]);
    const all = ["2", "1", "3"];
    const item = await items().update("emptied", {
      tags: without(all),
      marks: without(all),
      names: without(all),
      sizes: without([1, 2]),
      keys: without(all.map((member) => Buffer.from(member))),
    });
    const empty = { tags: new Set(), marks: new Set(), names: new Set(), sizes: new Set(), keys: new Set() };
    expect(item).toMatchObject(empty);
    expect(await items().get("emptied")).toMatchObject(empty);
  });

  it("D26: without from a set that is not there leaves it absent", async () => {
    await raw().put({ id: { S: "absent" }, sizes: { L: [] } });
    const item = await items().update("absent", { marks: without(["1"]), tags: without(["1"]) });
    expect(item).toMatchObject({ marks: undefined, tags: new Set() });
  });

  it("D26: concurrent withouts that empty a set together lose nothing", async () => {
    const names = Array.from({ length: 8 }, (_, n) => `m${n}`);
    await make(
      "drain",
      names.map((_, n) => String(n)),
    );
    await Promise.all(names.map((_, n) => items().update("drain", { marks: without([String(n)]) })));
    expect((await items().get("drain")).marks).toEqual(new Set());
  });

  it("D26: sets inside a patch, empty ones in both stored forms too", async () => {
    await make("inner", ["1"]);
    const item = await items().update("inner", { inner: patch({ tags: union(["2"]), marks: without(["1"]) }) });
    expect(item.inner.tags).toEqual(new Set(["1", "2"]));
    await make("inner-empty", []);
    expect(await raw().get({ id: { S: "inner-empty" } })).toMatchObject({ inner: { M: { marks: { L: [] } } } });
    const filled = await items().update("inner-empty", { inner: patch({ tags: union(["a"]), marks: union(["b"]) }) });
    expect(filled.inner).toEqual({ tags: new Set(["a"]), marks: new Set(["b"]) });
    expect(filled.marks).toEqual(new Set()); // a set of the same name elsewhere is another one
  });
});

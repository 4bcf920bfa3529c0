import { randomUUID } from "node:crypto";
import { inspect } from "node:util";
import { DynamoDBModel } from "dynatx";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import * as mini from "zod/mini";
import { describeOnBoth } from "../support/databases.js";
import { rawTable } from "../support/raw-table.js";

const url = z.codec(z.string(), z.instanceof(URL), { decode: (text) => new URL(text), encode: (value) => value.href });
const seconds = z.codec(z.number(), z.date(), {
  decode: (value) => new Date(value * 1000),
  encode: (date) => date.getTime() / 1000,
});
const place = z.object({ link: url, since: seconds.optional() });

class Bookmark extends DynamoDBModel.define({
  table: "bookmarks",
  hashKey: "id",
  schema: z.object({
    id: z.string(),
    link: url,
    visitedAt: seconds.optional(),
    others: z.array(url).default([]),
    byName: z.record(z.string(), seconds).default({}),
    home: place.optional(),
    work: place.optional(), // the same schema a second time
    late: z.lazy(() => url).optional(),
    trimmed: z.string().trim().pipe(z.string().min(1)).default("x"),
  }),
}) {}

// Recursion of each form zod has.
const Folder = z.object({
  name: z.string(),
  at: z.date(),
  get folders() {
    return z.array(Folder);
  },
  get parent() {
    return Folder.nullable().optional();
  },
});
type Tree = { left: Tree | null; right: Tree | null; value: bigint };
const Tree: z.ZodType<Tree> = z.lazy(() =>
  z.object({ left: Tree.nullable(), right: Tree.nullable(), value: z.bigint() }),
);
type Sum = number | ["add" | "mul", Sum, Sum];
const Sum: z.ZodType<Sum> = z.lazy(() => z.union([z.number(), z.tuple([z.enum(["add", "mul"]), Sum, Sum])]));

class Recursive extends DynamoDBModel.define({
  table: "recursive",
  hashKey: "id",
  schema: z.object({
    id: z.string(),
    folder: Folder.optional(),
    tree: Tree.optional(),
    sum: Sum.optional(),
    json: z.json().optional(),
  }),
}) {}

class Mini extends DynamoDBModel.define({
  table: "mini",
  hashKey: "id",
  schema: mini.object({
    id: mini.string().check(mini.minLength(1)),
    count: mini._default(mini.int(), 3),
    tags: mini.set(mini.string()),
    at: mini.optional(mini.date()),
    nested: mini.optional(mini.object({ maybe: mini.nullable(mini.string()), list: mini.array(mini.bigint()) })),
    either: mini.optional(mini.union([mini.string(), mini.number()])),
  }),
}) {}

const circle = z.object({ kind: z.literal("circle"), size: z.number(), at: z.date() });
const square = z.object({ kind: z.literal("square"), size: z.string(), at: z.string() });

class Choice extends DynamoDBModel.define({
  table: "choices",
  hashKey: "id",
  schema: z.object({
    id: z.string(),
    shape: z.discriminatedUnion("kind", [circle, square]).optional(),
    shapes: z.array(z.union([square, circle])).optional(),
    scalar: z.union([z.string(), z.number(), z.boolean(), z.null(), z.instanceof(Uint8Array)]).optional(),
    mixed: z.union([z.set(z.string()), z.set(z.number()), z.object({ a: z.date() }), z.date()]).optional(),
    dateOrWord: z.union([z.date(), z.enum(["never", "always"])]).optional(),
    listOrOne: z.union([z.array(z.date()), z.date()]).optional(),
    bigOrText: z.union([z.bigint(), z.string()]).nullable().optional(),
  }),
}) {}

/** An instance of `Choice` for each member of its unions. */
const members: object[] = [
  { shape: { kind: "circle", size: 1, at: new Date(1) } },
  { shape: { kind: "square", size: "1", at: new Date(1).toISOString() } },
  {
    shapes: [
      { kind: "circle", size: 1, at: new Date(1) },
      { kind: "square", size: "2", at: "x" },
    ],
  },
  { scalar: "1" },
  { scalar: 1 },
  { scalar: false },
  { scalar: null },
  { scalar: new Uint8Array([1]) },
  { mixed: new Set(["1"]) },
  { mixed: new Set([1]) },
  { mixed: new Set() },
  { mixed: { a: new Date(1) } },
  { mixed: new Date(1) },
  { dateOrWord: new Date(1) },
  { dateOrWord: "never" },
  { listOrOne: [new Date(1)] },
  { listOrOne: [] },
  { listOrOne: new Date(1) },
  { bigOrText: 5n },
  { bigOrText: "5" },
  { bigOrText: null },
];

describeOnBoth("round trip", (database) => {
  beforeAll(async () => {
    for (const model of [Bookmark, Recursive, Mini, Choice]) {
      await database.connection.createTable(model, { waitForActive: true });
    }
  });

  it("D3: what stands behind a codec is stored in its encoded form and read in the decoded one", async () => {
    const Bound = Bookmark.on(database.connection);
    const [a, b] = ["https://a.example/", "https://b.example/"] as const;
    const saved = new Bound({
      id: randomUUID(),
      link: a,
      visitedAt: 5,
      others: [a, b],
      byName: { ann: 1.5 },
      home: { link: a, since: 1 },
      work: { link: b },
      late: b,
      trimmed: "  t ",
    });
    expect(saved).toMatchObject({ link: new URL(a), visitedAt: new Date(5000), late: new URL(b), trimmed: "t" });
    await saved.save({ raiseOnConflict: true });
    const read = await Bound.get(saved.id);
    expect(read).toEqual(saved);
    expect(read.byName).toEqual({ ann: new Date(1500) });
    expect(read.home).toEqual({ link: new URL(a), since: new Date(1000) });

    read.link = new URL(b);
    read.others.pop();
    read.late = undefined;
    await read.save({ raiseOnConflict: true });
    expect(await Bound.get(saved.id)).toMatchObject({ link: new URL(b), others: [new URL(a)], late: undefined });
    const stored = await rawTable(database.connection, "bookmarks").get({ id: { S: saved.id } });
    expect(stored).toMatchObject({ link: { S: b }, visitedAt: { N: "5" }, others: { L: [{ S: a }] } });
  });

  it("D3: a codec's attribute is set by update, also where its schema serves twice", async () => {
    const Bound = Bookmark.on(database.connection);
    const link = new URL("https://a.example/");
    const id = randomUUID();
    await new Bound({ id, link: link.href }).save();
    const updated = await Bound.update(id, { home: { link }, work: { link, since: new Date(2000) }, late: link });
    expect(updated).toMatchObject({ home: { link }, work: { link, since: new Date(2000) }, late: link });
  });

  it("D3: recursive and lazy schemas, and JSON of any form", async () => {
    const Bound = Recursive.on(database.connection);
    const leaf = { left: null, right: null, value: 2n ** 80n };
    const at = new Date(1);
    const folder = { name: "a", at, folders: [{ name: "b", at, folders: [], parent: null }] };
    const saved = new Bound({
      id: randomUUID(),
      folder: { ...folder, parent: { name: "root", at, folders: [] } },
      tree: { left: leaf, right: { ...leaf, left: leaf }, value: 0n },
      sum: ["add", 1, ["mul", 2, ["add", 3, 4]]],
      json: { a: [1, "x", null, true, { b: [] }], c: {} },
    });
    await saved.save({ raiseOnConflict: true });
    const read = await Bound.get(saved.id);
    expect(read).toEqual(saved);
    expect(read.tree?.right?.left?.value).toBe(2n ** 80n);
    await read.save({ raiseOnConflict: true });
    for (const json of [null, "", 0, false, [], {}, [[[]]]]) {
      const one = new Bound({ id: randomUUID(), json, sum: 5 });
      await one.save();
      expect(await Bound.get(one.id)).toEqual(one);
    }
  });

  it("D3: schemas of zod/mini", async () => {
    const Bound = Mini.on(database.connection);
    const values = { id: randomUUID(), tags: new Set(["a"]), at: new Date(1), nested: { maybe: null, list: [1n] } };
    const saved = new Bound({ ...values, either: 5 });
    await saved.save({ raiseOnConflict: true });
    const read = await Bound.get(saved.id);
    expect(read).toMatchObject({ ...values, count: 3, either: 5 });
    read.either = "five";
    read.tags.clear();
    await read.save({ raiseOnConflict: true });
    expect(await Bound.get(saved.id)).toMatchObject({ either: "five", tags: new Set() });
  });

  it.each(members.map((values) => [inspect(values), values] as const))(
    "D3: each member of a union comes back as itself: %s",
    async (_, values) => {
      const Bound = Choice.on(database.connection);
      const saved = new Bound({ id: randomUUID(), ...values });
      await saved.save({ raiseOnConflict: true });
      const read = await Bound.get(saved.id);
      expect(read).toMatchObject(values);
      await read.save({ raiseOnConflict: true });
      expect(await Bound.get(saved.id)).toEqual(saved);
    },
  );
});

import { randomUUID } from "node:crypto";
import { DynamoDBModel } from "dynatx";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { describeOnBoth } from "../support/databases.js";
import { rawTable } from "../support/raw-table.js";

enum Level {
  Low,
  High = 7,
}

const bytes = (...values: number[]): Uint8Array<ArrayBuffer> => new Uint8Array(values);

/** One attribute for each storable type; most are optional, so that a test gives only what it is about. */
class Everything extends DynamoDBModel.define({
  table: "everything",
  hashKey: "id",
  schema: z.object({
    id: z.string(),
    text: z.string().optional(),
    email: z.email().optional(),
    template: z.templateLiteral(["v", z.number()]).optional(),
    whole: z.int().optional(),
    real: z.number().optional(),
    big: z.bigint().optional(),
    flag: z.boolean().optional(),
    date: z.date().optional(),
    data: z.instanceof(Uint8Array).optional(),
    buffer: z.instanceof(Buffer).optional(),
    nothing: z.null().optional(),
    maybe: z.string().nullable().optional(),
    color: z.enum(["red", "blue"]).optional(),
    level: z.enum(Level).optional(),
    literal: z.literal(["a", 1, true, null]).optional(),
    words: z.set(z.string()),
    numbers: z.set(z.number()),
    bigs: z.set(z.bigint()),
    chunks: z.set(z.instanceof(Uint8Array)),
    colors: z.set(z.enum(["red", "blue"])),
    emptyable: z.set(z.string()).optional(),
    filled: z.set(z.string()).default(() => new Set(["x"])),
    list: z.array(z.union([z.string(), z.number(), z.null()])).optional(),
    dates: z.array(z.date()).optional(),
    sets: z.array(z.set(z.number())).optional(),
    pair: z.tuple([z.string(), z.date()]).optional(),
    tail: z.tuple([z.string()], z.bigint()).optional(),
    nested: z
      .object({ at: z.date(), tags: z.set(z.string()), deep: z.object({ n: z.bigint().nullable() }) })
      .optional(),
    byName: z.record(z.string(), z.object({ born: z.date().optional() })).optional(),
    open: z.object({ a: z.string() }).catchall(z.date()).optional(),
    both: z.intersection(z.object({ left: z.date() }), z.object({ right: z.set(z.string()) })).optional(),
    frozen: z.array(z.string()).readonly().optional(),
  }),
}) {}

const emptySets = { words: new Set(), numbers: new Set(), bigs: new Set(), chunks: new Set(), colors: new Set() };

type Values = Partial<ConstructorParameters<typeof Everything>[0]>;

/** By the attribute they try; each row is what one instance holds. */
const cases: [string, Values][] = [
  ["an empty string", { text: "" }],
  ["text beyond ASCII", { text: "naïve 我 \u{1F600} \u0000 \n", email: "a@example.com", template: "v12" }],
  ["whole numbers", { whole: -5, real: Number.MAX_SAFE_INTEGER }],
  ["zero", { whole: 0, real: 0 }],
  ["fractions", { real: 0.1 + 0.2 }],
  ["a tiny number", { real: -1.2345678901234e-130 }],
  ["a huge number", { real: 9.5e125 }],
  ["a bigint of 38 digits", { big: -(10n ** 38n - 1n) }],
  ["a bigint zero", { big: 0n }],
  ["false", { flag: false }],
  ["a date", { date: new Date("2024-02-29T12:34:56.789Z") }],
  ["a date before 1970", { date: new Date("0001-01-01T00:00:00.000Z") }],
  ["bytes", { data: bytes(0, 255, 1), buffer: Buffer.from([1, 2, 3]) }],
  ["empty bytes", { data: bytes(), buffer: Buffer.alloc(0) }],
  ["null", { nothing: null, maybe: null }],
  ["a nullable value", { maybe: "there" }],
  ["enums", { color: "blue", level: Level.High }],
  ["an enum's zero", { level: Level.Low }],
  ["sets of each kind", { words: new Set(["a", "b"]), numbers: new Set([1, -2.5]), bigs: new Set([2n ** 100n]) }],
  ["a set of bytes", { chunks: new Set([bytes(1), bytes(2, 3)]), colors: new Set(["red" as const]) }],
  ["sets that hold what is empty", { words: new Set(["", "a"]), chunks: new Set([bytes()]), numbers: new Set([0]) }],
  ["an optional empty set, which is not absent", { emptyable: new Set() }],
  ["an empty set where the default is not empty", { filled: new Set() }],
  ["lists", { list: ["a", 1, null, ""], dates: [new Date(0), new Date(1)], sets: [new Set([1]), new Set()] }],
  ["empty lists", { list: [], dates: [], sets: [] }],
  ["tuples", { pair: ["a", new Date(7)], tail: ["b", 1n, 2n] }],
  ["a nested object", { nested: { at: new Date(3), tags: new Set(["t"]), deep: { n: 5n } } }],
  ["a nested empty set and null", { nested: { at: new Date(3), tags: new Set(), deep: { n: null } } }],
  ["a record", { byName: { ann: { born: new Date(9) }, "bob dot.": {} } }],
  ["an empty record", { byName: {} }],
  ["an object with free members", { open: Object.assign({ a: "a" }, { b: new Date(4) }) as never }],
  ["an intersection", { both: { left: new Date(5), right: new Set(["r"]) } }],
  ["something read-only", { frozen: ["x"] }],
];

describeOnBoth("round trip", (database) => {
  beforeAll(() => database.connection.createTable(Everything, { waitForActive: true }));

  /** Saves values as a new item; gives the instance that was saved, and the item as it is read. */
  async function roundTrip(values: Values): Promise<readonly [saved: object, read: object]> {
    const Bound = Everything.on(database.connection);
    const saved = new Bound({ id: randomUUID(), ...emptySets, ...values } as never);
    await saved.save();
    return [saved, await Bound.get(saved.id)];
  }

  it.each(cases)("D3: %s comes back as it was saved", async (_, values) => {
    const [saved, read] = await roundTrip(values);
    expect(read).toMatchObject(values);
    expect(read).toEqual(saved);
  });

  it.each(["a", 1, true, null] as const)("D3: the literal %s comes back as itself", async (literal) => {
    const [saved, read] = await roundTrip({ literal });
    expect(read).toHaveProperty("literal", literal);
    expect(read).toEqual(saved);
  });

  it("D3: kinds of bytes come back as their own class", async () => {
    const [, read] = await roundTrip({ data: bytes(1), buffer: Buffer.from([2]) });
    const { data, buffer } = read as Everything;
    expect(Buffer.isBuffer(data)).toBe(false);
    expect(Buffer.isBuffer(buffer)).toBe(true);
  });

  it("D3: what is absent comes back absent, and is not stored", async () => {
    const [saved, read] = await roundTrip({});
    expect(read).toEqual(saved);
    const { id } = read as Everything;
    const stored = await rawTable(database.connection, "everything").get({ id: { S: id } });
    expect(Object.keys(stored ?? {}).toSorted()).toEqual(["_v", "filled", "id"]);
  });

  it("D3: everything survives a second save of the instance that was read, and removal", async () => {
    const all: Values = Object.assign({}, ...cases.map(([, values]) => values));
    const Bound = Everything.on(database.connection);
    const [saved, read] = (await roundTrip(all)) as [Everything, Everything];
    await read.save({ raiseOnConflict: true });
    expect(await Bound.get(read.id)).toEqual(saved);

    const gone = Object.fromEntries(Object.keys(all).map((name) => [name, undefined]));
    const bare = { ...gone, ...emptySets, filled: new Set() };
    Object.assign(read, bare);
    await read.save({ raiseOnConflict: true });
    expect(await Bound.get(read.id)).toEqual(new Bound({ id: read.id, ...bare } as never));
  });
});

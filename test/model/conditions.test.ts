import {
  DynamoDBModel,
  ValidationError,
  and,
  beginsWith,
  between,
  contains,
  eq,
  exists,
  ge,
  gt,
  isIn,
  le,
  lt,
  ne,
  not,
  notExists,
  or,
} from "dynatx";
import type { Condition } from "dynatx";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { describeOnBoth } from "../support/databases.js";

const bytes = (...values: number[]) => new Uint8Array(values);
const day = (n: number) => new Date(Date.UTC(2026, 0, n));

class Item extends DynamoDBModel.define({
  table: "conditions-items",
  hashKey: "id",
  schema: z.object({
    id: z.string(),
    text: z.string(),
    count: z.number(),
    big: z.bigint(),
    flag: z.boolean(),
    at: z.date(),
    raw: z.instanceof(Uint8Array),
    tags: z.set(z.string()),
    sizes: z.set(z.number()).optional(),
    list: z.array(z.union([z.string(), z.number()])),
    days: z.array(z.date()),
    kind: z.enum(["plain", "fancy"]),
    maybe: z.string().nullable(),
    note: z.string().optional(),
    place: z.object({
      city: z.string(),
      zip: z.number().optional(),
      street: z.object({ name: z.string(), even: z.boolean() }),
    }),
    prices: z.record(z.string(), z.number()),
  }),
}) {}

type Fields = Pick<Item, keyof Item>;

const values = {
  id: "it",
  text: "hello",
  count: 5,
  big: 12345678901234567890n,
  flag: true,
  at: day(5),
  raw: bytes(1, 2, 3),
  tags: new Set(["a", "b"]),
  sizes: new Set<number>(),
  list: ["x", 7],
  days: [day(1)],
  kind: "plain" as const,
  maybe: null,
  place: { city: "Rome", street: { name: "Via A", even: true } },
  prices: { "a.b": 3 },
};

type Given = Condition<Fields>;

const holding: [string, Given][] = [
  ["eq of text", { text: eq("hello") }],
  ["eq of a number", { count: eq(5) }],
  ["eq of a bigint", { big: eq(12345678901234567890n) }],
  ["eq of a boolean", { flag: eq(true) }],
  ["eq of a date", { at: eq(day(5)) }],
  ["eq of bytes", { raw: eq(bytes(1, 2, 3)) }],
  ["eq of a set, in any order", { tags: eq(new Set(["b", "a"])) }],
  ["eq of a list", { list: eq(["x", 7]) }],
  ["eq of a nested object", { place: eq({ city: "Rome", street: { name: "Via A", even: true } }) }],
  ["eq of null", { maybe: eq(null) }],
  ["eq of an empty set", { sizes: eq(new Set<number>()) }],
  ["ne of another value", { text: ne("other") }],
  ["ne of an absent attribute", { note: ne("x") }],
  ["ne of an empty set", { tags: ne(new Set<string>()) }],
  ["lt", { count: lt(6) }],
  ["le", { count: le(5) }],
  ["gt of a date", { at: gt(day(4)) }],
  ["ge of text", { text: ge("hello") }],
  ["gt of bytes", { raw: gt(bytes(1, 2)) }],
  ["between, both ends included", { count: between(5, 5) }],
  ["beginsWith of text", { text: beginsWith("hel") }],
  ["beginsWith of bytes", { raw: beginsWith(bytes(1, 2)) }],
  ["contains of text", { text: contains("ell") }],
  ["contains of a set", { tags: contains("a") }],
  ["contains of a list", { list: contains(7) }],
  ["contains of a list of dates", { days: contains(day(1)) }],
  ["exists", { text: exists() }],
  ["exists of null", { maybe: exists() }],
  ["notExists", { note: notExists() }],
  ["isIn", { kind: isIn(["fancy", "plain"]) }],
  ["isIn of 250 values", { count: isIn(Array.from({ length: 250 }, (_, n) => n)) }],
  ["several attributes at once", { text: eq("hello"), count: gt(1) }],
  ["and", and({ text: eq("hello") }, { count: gt(1) })],
  ["or, the second", or({ text: eq("no") }, { count: gt(1) })],
  ["not", not({ text: eq("no") })],
  ["not of an absent attribute", not({ note: eq("x") })],
  ["one condition in and", and({ text: eq("hello") })],
  ["one condition in or", or({ text: eq("hello") })],
  ["or in and", and(or({ text: eq("no") }, { count: eq(5) }), { flag: eq(true) })],
  ["or alone in and", and(or({ text: eq("no") }, { count: eq(5) }))],
  ["and in or", or(and({ text: eq("hello") }, { count: eq(0) }), and({ flag: eq(true) }, { count: eq(5) }))],
  ["not of or", not(or({ text: eq("no") }, { count: eq(0) }))],
  ["not of not", not(not({ text: eq("hello") }))],
  ["not of several attributes", not({ text: eq("hello"), count: eq(0) })],
  ["tests of one attribute combined", { count: and(gt(1), not(eq(4)), or(eq(5), eq(6))) }],
  ["combined tests among others", { count: or(eq(1), between(4, 6)), text: eq("hello") }],
  ["not of isIn of nothing", not({ text: isIn<string>([]) })],
  ["a nested attribute", { place: { city: eq("Rome") } }],
  ["an absent nested attribute", { place: { zip: notExists() } }],
  ["a deeply nested attribute", { place: { street: { name: beginsWith("Via"), even: eq(true) } } }],
  ["combined nested attributes", { place: or({ city: eq("Oslo") }, { street: { even: eq(true) } }) }],
  ["a member of a record, whatever its name", { prices: { "a.b": eq(3) } }],
];

const failing: [string, Given][] = [
  ["eq", { text: eq("Hello") }],
  ["eq of an absent attribute", { note: eq("x") }],
  ["eq of a set with more", { tags: eq(new Set(["a"])) }],
  ["eq of an empty set", { tags: eq(new Set<string>()) }],
  ["ne", { text: ne("hello") }],
  ["ne of an empty set", { sizes: ne(new Set<number>()) }],
  ["lt", { count: lt(5) }],
  ["lt of an absent attribute", { note: lt("x") }],
  ["le", { count: le(4) }],
  ["gt", { at: gt(day(5)) }],
  ["ge", { text: ge("hello!") }],
  ["between", { count: between(6, 9) }],
  ["beginsWith", { text: beginsWith("ello") }],
  ["contains of text", { text: contains("z") }],
  ["contains of a set", { tags: contains("c") }],
  ["contains of a list", { list: contains("7") }],
  ["exists", { note: exists() }],
  ["notExists", { text: notExists() }],
  ["isIn", { kind: isIn(["fancy"]) }],
  ["isIn of nothing", { text: isIn<string>([]) }],
  ["several attributes, one not", { text: eq("hello"), count: gt(5) }],
  ["and", and({ text: eq("hello") }, { count: gt(5) })],
  ["or", or({ text: eq("no") }, { count: gt(5) })],
  ["not", not({ text: eq("hello") })],
  ["not of and", not(and({ text: eq("hello") }, { count: eq(5) }))],
  ["or in and", and(or({ text: eq("no") }, { count: eq(5) }), { flag: eq(false) })],
  ["tests of one attribute combined", { count: and(gt(1), not(eq(5))) }],
  ["a nested attribute", { place: { city: eq("Oslo") } }],
  ["a deeply nested attribute", { place: { street: { even: eq(false) } } }],
  ["not of nested attributes", not({ place: { street: { name: eq("Via A"), even: eq(true) } } })],
];

describeOnBoth("conditions", (database) => {
  const items = () => Item.on(database.connection);

  beforeAll(async () => {
    await database.connection.createTable(Item, { waitForActive: true });
    await new (items())(values).save();
  });

  /** Whether the condition holds: as the filter of a scan, and as the condition of a write. */
  async function holds(condition: Given): Promise<boolean[]> {
    const found = await items().scan({ filter: condition }).toArray();
    const item = await items().get("it");
    const saved = item.save({ condition }).then(
      () => true,
      (error: { code?: string }) => (error.code === "CONDITION_FAILED" ? false : Promise.reject(error as Error)),
    );
    return [found.length === 1, await saved];
  }

  it.each(holding)("D15, D16: a condition holds: %s", async (_, condition) => {
    expect(await holds(condition)).toEqual([true, true]);
  });

  it.each(failing)("D15, D16: a condition does not hold: %s", async (_, condition) => {
    expect(await holds(condition)).toEqual([false, false]);
  });

  it("D15, D16: what cannot be asked is a ValidationError at the call", () => {
    const Bound = items();
    // Conditions as JavaScript may build them: the types refuse each of these.
    const refused: unknown[] = [
      {},
      null,
      "text",
      { text: "hello" },
      { text: undefined },
      { height: eq(1) },
      { place: { country: eq("IT") } },
      { text: eq(5) },
      { text: eq(undefined) },
      { kind: eq("other") },
      { count: contains(1) },
      { flag: between(true, undefined as never) },
      { text: { length: gt(1) } },
      and(),
      or(),
      eq(1),
    ];
    for (const filter of refused) {
      const scan = (): unknown => Bound.scan({ filter: filter as Given });
      expect(scan, JSON.stringify(filter)).toThrow(ValidationError);
    }
  });
});

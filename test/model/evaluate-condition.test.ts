import { inspect } from "node:util";
import { and, beginsWith, between, contains, eq, exists, ge, gt, isIn, lt, ne, not, notExists, or } from "dynatx";
import type { Condition } from "dynatx";
import { beforeAll, expect, it } from "vitest";
import { Unstorable } from "../../src/model/codec/codec.js";
import { conditionHolds } from "../../src/model/evaluate-condition.js";
import { asModel, specOf } from "../../src/model/model-core.js";
import { describeOnBoth } from "../support/databases.js";
import { rawTable } from "../support/raw-table.js";
import type { RawItem } from "../support/raw-table.js";
import { answer, askAll, expectAgreement } from "./agreement.js";
import { Probe, ProbeKey, RandomConditions, valuesOf } from "./random-conditions.js";

const spec = asModel(Probe)[specOf];
const bytes = (...values: number[]): Uint8Array => new Uint8Array(values);
const digits38 = "12345678901234567890123456789012345678";

/** What is stored, what is asked, and DynamoDB's answer. */
const answers: [string, RawItem, unknown, boolean][] = [
  // A value that is not there.
  ["eq of an absent attribute", {}, { text: eq("a") }, false],
  ["ne of an absent attribute", {}, { text: ne("a") }, true],
  ["not of eq of an absent attribute", {}, { text: not(eq("a")) }, true],
  ["lt of an absent attribute", {}, { text: lt("a") }, false],
  ["not of lt of an absent attribute", {}, { text: not(lt("a")) }, true],
  ["isIn of an absent attribute", {}, { text: isIn(["a"]) }, false],
  ["not of isIn of an absent attribute", {}, { text: not(isIn(["a"])) }, true],
  ["isIn of nothing", { text: { S: "a" } }, { text: isIn([]) }, false],
  ["contains of an absent attribute", {}, { tags: contains("a") }, false],
  ["beginsWith the empty text, of an absent attribute", {}, { text: beginsWith("") }, false],
  ["exists of null", { maybe: { NULL: true } }, { maybe: exists() }, true],
  ["exists of an absent attribute", {}, { maybe: exists() }, false],
  ["notExists of an absent attribute", {}, { maybe: notExists() }, true],
  ["notExists of what every object inherits", {}, { prices: { constructor: notExists() } }, true],
  // Types.
  ["eq of a value of another type", { count: { S: "1" } }, { count: eq(1) }, false],
  ["ne of a value of another type", { count: { S: "1" } }, { count: ne(1) }, true],
  ["lt of a value of another type", { count: { S: "" } }, { count: lt(1) }, false],
  ["ge of a value of another type", { count: { S: "" } }, { count: ge(1) }, false],
  ["between of a value of another type", { count: { S: "5" } }, { count: between(1, 9) }, false],
  ["beginsWith of bytes where text is asked", { text: { B: bytes(97) } }, { text: beginsWith("a") }, false],
  ["contains of a number in a text", { sizes: { S: "15" } }, { sizes: contains(15) }, false],
  ["contains of a text in a set of numbers", { tags: { NS: ["15"] } }, { tags: contains("15") }, false],
  ["contains of a text in a map", { tags: { M: { a: { S: "a" } } } }, { tags: contains("a") }, false],
  // Numbers.
  ["eq of a number written otherwise", { count: { N: "1.50" } }, { count: eq(1.5) }, true],
  ["lt by value", { count: { N: "9" } }, { count: lt(10) }, true],
  ["lt of negative numbers", { count: { N: "-15" } }, { count: lt(-2) }, true],
  ["lt over zero", { count: { N: "-0.001" } }, { count: lt(0) }, true],
  ["zero is not below zero", { count: { N: "0" } }, { count: lt(-0) }, false],
  ["gt in the 38th digit", { big: { N: digits38 } }, { big: gt(BigInt(digits38) - 1n) }, true],
  ["eq in the 38th digit", { big: { N: digits38 } }, { big: eq(BigInt(digits38) + 1n) }, false],
  ["a fraction that a double would round", { count: { N: "0.10000000000000000001" } }, { count: eq(0.1) }, false],
  ["gt of that fraction", { count: { N: "0.10000000000000000001" } }, { count: gt(0.1) }, true],
  ["eq of a set of numbers written otherwise", { sizes: { NS: ["2.0", "1"] } }, { sizes: eq(new Set([1, 2])) }, true],
  ["contains of a number written otherwise", { sizes: { NS: ["2.0"] } }, { sizes: contains(2) }, true],
  // Texts and bytes.
  ["lt by UTF-8, not by UTF-16", { text: { S: "\uff5e" } }, { text: lt("\u{1f600}") }, true],
  ["lt of a text that goes on", { text: { S: "ab" } }, { text: lt("abc") }, true],
  ["gt of bytes without a sign", { raw: { B: bytes(128) } }, { raw: gt(bytes(127)) }, true],
  ["beginsWith of bytes that are no UTF-8", { raw: { B: bytes(1, 255) } }, { raw: beginsWith(bytes(1, 254)) }, false],
  ["beginsWith of what is shorter", { raw: { B: bytes(1) } }, { raw: beginsWith(bytes(1, 2)) }, false],
  ["contains of bytes in bytes", { chunks: { B: bytes(1, 2, 3) } }, { chunks: contains(bytes(2, 3)) }, true],
  ["contains of the empty text", { text: { S: "" } }, { text: contains("") }, true],
  ["eq of a date", { at: { S: "2026-01-05T00:00:00.000Z" } }, { at: eq(new Date("2026-01-05")) }, true],
  // Sets, lists, maps.
  ["eq of a set in another order", { tags: { SS: ["b", "a"] } }, { tags: eq(new Set(["a", "b"])) }, true],
  ["eq of a set with more", { tags: { SS: ["b", "a"] } }, { tags: eq(new Set(["a"])) }, false],
  ["eq of an empty set, stored as nothing", {}, { tags: eq(new Set()) }, true],
  ["ne of an empty set, stored as nothing", {}, { tags: ne(new Set()) }, false],
  ["eq of a list in another order", { list: { L: [{ N: "2" }, { N: "1" }] } }, { list: eq([1, 2]) }, false],
  ["eq of a list of numbers written otherwise", { list: { L: [{ N: "1.0" }] } }, { list: eq([1]) }, true],
  ["eq of a map with more", { prices: { M: { x: { N: "1" }, y: { N: "2" } } } }, { prices: eq({ x: 1 }) }, false],
  [
    "contains of a set in a list",
    { groups: { L: [{ SS: ["b", "a"] }] } },
    { groups: contains(new Set(["a", "b"])) },
    true,
  ],
  ["contains looks one level deep", { list: { L: [{ L: [{ N: "1" }] }] } }, { list: contains(1) }, false],
  ["isIn of maps", { prices: { M: { x: { N: "1" } } } }, { prices: isIn([{ y: 1 }, { x: 1 }]) }, true],
  ["a member of what is no map", { place: { S: "Rome" } }, { place: { city: ne("Rome") } }, true],
  [
    "a member of a member",
    { place: { M: { street: { M: { even: { BOOL: true } } } } } },
    { place: { street: { even: eq(true) } } },
    true,
  ],
  // Combinations.
  ["several tests, one not", { text: { S: "a" }, count: { N: "1" } }, { text: eq("a"), count: eq(2) }, false],
  ["or, the second", { text: { S: "a" } }, or({ text: eq("b") }, { text: eq("a") }), true],
  ["and, the second not", { text: { S: "a" } }, and({ text: eq("a") }, { text: eq("b") }), false],
  ["not of several tests", { text: { S: "a" } }, not({ text: eq("a"), count: eq(2) }), true],
];

it.each(answers)("D15: a condition is answered as DynamoDB does: %s", (_, item, condition, expected) => {
  expect(conditionHolds(spec, condition, item)).toBe(expected);
});

it("D15: what DynamoDB refuses, or the schema, is Unstorable whatever the item holds", () => {
  const refused: unknown[] = [
    {},
    { text: "a" },
    { height: eq(1) },
    { text: eq(5) },
    { flag: lt(true) },
    { place: ge({ city: "a", street: { name: "a", even: true } }) },
    { mixed: between<unknown>("a", 1) },
    { count: between(2, 1) },
    { count: beginsWith("1") },
    { mixed: beginsWith(1 as unknown as string) },
    or({ text: notExists() }, { flag: lt(true) }),
    { text: eq("a"), count: eq("a") },
  ];
  for (const condition of refused) {
    expect(() => conditionHolds(spec, condition, {}), inspect(condition)).toThrow(Unstorable);
  }
});

describeOnBoth("conditions answered here and by the server", (database, kind) => {
  const items = new Map<string, RawItem>();
  const random = new RandomConditions(20_261, valuesOf(kind));

  beforeAll(async () => {
    await database.connection.createTable(Probe, { waitForActive: true });
    const table = rawTable(database.connection, "probes");
    for (let n = 0; n < 30; n++) items.set(`i${n}`, random.item(`i${n}`));
    await Promise.all([...items.values()].map((item) => table.put(item)));
  });

  it("D15: a scan with a filter brings the items for which the condition holds", async () => {
    const asked = await askAll(200, async () => {
      const condition = random.condition();
      const filter = condition as Condition<Pick<Probe, keyof Probe>>;
      return {
        question: condition,
        here: await answer(() =>
          [...items].filter(([, item]) => conditionHolds(spec, condition, item)).map(([id]) => id),
        ),
        there: await answer(async () => {
          const found = await Probe.on(database.connection).scan({ filter, as: ProbeKey, consistent: true }).toArray();
          return found.map(({ id }) => id);
        }),
      };
    });
    expectAgreement(asked);
  });
});

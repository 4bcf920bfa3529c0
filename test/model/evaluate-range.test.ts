import { inspect } from "node:util";
import { DynamoDBModel, and, beginsWith, between, eq, exists, ge, gt, le, lt, ne } from "dynatx";
import type { Connection } from "dynatx";
import { expect, it } from "vitest";
import { z } from "zod";
import { Unstorable } from "../../src/model/codec/codec.js";
import { encodeDynamic } from "../../src/model/codec/dynamic.js";
import { rangeHolds } from "../../src/model/evaluate-condition.js";
import { asModel, specOf } from "../../src/model/model-core.js";
import type { KeyField } from "../../src/model/spec.js";
import { describeOnBoth } from "../support/databases.js";
import { Dice } from "../support/dice.js";
import { rawTable } from "../support/raw-table.js";
import type { RawItem } from "../support/raw-table.js";
import { answer, askAll, expectAgreement } from "./agreement.js";
import { bigints, days, numbers, valuesOf } from "./random-conditions.js";

class Texts extends DynamoDBModel.define({
  table: "texts",
  hashKey: "id",
  rangeKey: "at",
  schema: z.object({ id: z.string(), at: z.string() }),
}) {}
class Dates extends DynamoDBModel.define({
  table: "dates",
  hashKey: "id",
  rangeKey: "at",
  schema: z.object({ id: z.string(), at: z.date() }),
}) {}
class Numbers extends DynamoDBModel.define({
  table: "numbers",
  hashKey: "id",
  rangeKey: "at",
  schema: z.object({ id: z.string(), at: z.number() }),
}) {}
class Bigints extends DynamoDBModel.define({
  table: "bigints",
  hashKey: "id",
  rangeKey: "at",
  schema: z.object({ id: z.string(), at: z.bigint() }),
}) {}
class Binaries extends DynamoDBModel.define({
  table: "binaries",
  hashKey: "id",
  rangeKey: "at",
  schema: z.object({ id: z.string(), at: z.instanceof(Uint8Array) }),
}) {}

function rangeOf(model: unknown): KeyField {
  const { range } = asModel(model)[specOf];
  if (range === undefined) throw new Error("the model has a range key");
  return range;
}

const ranges: [string, unknown, RawItem, unknown, boolean][] = [
  ["a plain value", Texts, { at: { S: "a" } }, "a", true],
  ["a plain value that differs", Numbers, { at: { N: "1" } }, 2, false],
  ["a plain value written otherwise", Numbers, { at: { N: "1.0" } }, 1, true],
  ["a plain date", Dates, { at: { S: "2026-01-01T00:00:00.000Z" } }, days[0], true],
  ["between, both ends included", Numbers, { at: { N: "5" } }, between(5, 5), true],
  ["by UTF-8", Texts, { at: { S: "\u{1f600}" } }, gt("\uff5e"), true],
  ["an absent attribute", Texts, {}, ge("a"), false],
  ["an attribute of another type", Numbers, { at: { S: "5" } }, le(9), false],
];

it.each(ranges)("D15: a range is answered as DynamoDB does: %s", (_, model, item, range, expected) => {
  expect(rangeHolds(rangeOf(model), range, item)).toBe(expected);
});

it("D15: what no range can be is Unstorable", () => {
  for (const range of [ne("a"), exists(), and(gt("a"), lt("b")), 5, undefined, eq(5), between("b", "a")]) {
    expect(() => rangeHolds(rangeOf(Texts), range, {}), inspect(range)).toThrow(Unstorable);
  }
  expect(() => rangeHolds(rangeOf(Numbers), beginsWith("1"), {})).toThrow(Unstorable);
});

/** What the server is asked: the keys as they lie in the table. */
interface Ranged {
  readonly model: typeof Texts | typeof Dates | typeof Numbers | typeof Bigints | typeof Binaries;
  readonly keys: readonly unknown[];
  /** Values to ask about that are no key of the table. */
  readonly others: readonly unknown[];
  readonly starts: boolean;
}

describeOnBoth("ranges answered here and by the server", (database, kind) => {
  const { texts, bytes } = valuesOf(kind);
  const some = texts.filter((text) => text !== "");
  const chunks = bytes.filter(({ length }) => length > 0);
  const tables: [string, Ranged][] = [
    ["texts", { model: Texts, keys: some, others: ["aa", "abcd"], starts: true }],
    ["dates", { model: Dates, keys: days, others: [new Date(Date.UTC(2025, 0, 1))], starts: false }],
    ["numbers", { model: Numbers, keys: numbers, others: [-1.4, 0.12, 3, 1e10], starts: false }],
    ["bigints", { model: Bigints, keys: bigints, others: [-2n, 16n, 10n ** 37n + 2n], starts: false }],
    ["binaries", { model: Binaries, keys: chunks, others: [new Uint8Array([1, 1])], starts: true }],
  ];

  it.each(tables)("D15: a query brings the items whose key is in the range: %s", async (_, ranged) => {
    const { model, keys, others, starts } = ranged;
    await database.connection.createTable(model, { waitForActive: true });
    const stored = keys.map((key): RawItem => ({ id: { S: "h" }, at: encodeDynamic(key) }));
    const table = rawTable(database.connection, asModel(model)[specOf].table);
    await Promise.all(stored.map((item) => table.put(item)));
    const dice = new Dice(15);
    const asked = await askAll(80, async () => {
      const range = randomRange(dice, [...keys, ...others], starts);
      return {
        question: range,
        here: await answer(() =>
          stored.filter((item) => rangeHolds(rangeOf(model), range, item)).map(({ at }) => inspect(at)),
        ),
        there: await answer(() => query(database.connection, model, range)),
      };
    });
    expectAgreement(asked);
  });
});

function randomRange(dice: Dice, values: readonly unknown[], starts: boolean): unknown {
  const value = (): unknown => dice.pick(values);
  const tests = [eq, lt, le, gt, ge].map((test) => (): unknown => test(value()));
  // True: such keys are texts or bytes.
  const start = (): unknown => beginsWith(value() as string);
  return dice.pick([...tests, ...tests, () => between(value(), value()), ...(starts ? [start] : [])])();
}

/** The keys found. */
async function query(connection: Connection, model: Ranged["model"], range: unknown): Promise<readonly string[]> {
  // True as far as matters: which range fits which model is known to the caller only; a wrong one is refused.
  const bound = model.on(connection) as typeof Texts;
  const found = await bound.query("h", { range: range as ReturnType<typeof eq<string>>, consistent: true }).toArray();
  return found.map(({ at }) => inspect(encodeDynamic(at)));
}

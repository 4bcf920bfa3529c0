/** Random items of all types, and random conditions on them that often hold. The same for the same seed. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import {
  DynamoDBModel,
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
import { z } from "zod";
import { encodeDynamic } from "../../src/model/codec/dynamic.js";
import { Dice } from "../support/dice.js";
import type { Kind } from "../support/databases.js";
import type { RawItem } from "../support/raw-table.js";

const bytes = (...values: number[]): Uint8Array<ArrayBuffer> => new Uint8Array(values);
const binary = z.instanceof(Uint8Array);
const element = z.union([z.string(), z.number(), z.boolean(), z.null(), binary, z.array(z.number())]);

export class Probe extends DynamoDBModel.define({
  table: "probes",
  hashKey: "id",
  schema: z.object({
    id: z.string(),
    text: z.string(),
    count: z.number(),
    big: z.bigint(),
    flag: z.boolean(),
    at: z.date(),
    raw: binary,
    maybe: z.string().nullable(),
    mixed: z.union([z.string(), z.number(), binary, z.boolean(), z.null(), z.set(z.string())]).optional(),
    tags: z.set(z.string()),
    sizes: z.set(z.number()).optional(),
    chunks: z.set(binary),
    list: z.array(element),
    groups: z.array(z.set(z.string())),
    place: z.object({
      city: z.string(),
      zip: z.number().optional(),
      street: z.object({ name: z.string(), even: z.boolean() }),
    }),
    prices: z.record(z.string(), z.number()),
  }),
}) {}

/** The same table with nothing but the key, to read items of which the other attributes do not fit the schema. */
export class ProbeKey extends DynamoDBModel.define({
  table: "probes",
  hashKey: "id",
  schema: z.object({ id: z.string() }),
}) {}

/** Texts, bytes and numbers that stand close to one another, so that tests tell neighbours apart. */
export interface Values {
  readonly texts: readonly string[];
  readonly bytes: readonly Uint8Array[];
  /** Whether conditions ask all that can be asked. */
  readonly all: boolean;
}

/**
 * Dynalite answers otherwise than Amazon's DynamoDB, which counts here, in these: it orders texts by UTF-16 units; it
 * reads bytes as UTF-8 in begins_with and contains; IN finds no map, no list, no false and nothing empty; contains finds
 * in a list nothing empty and neither booleans, null, lists, maps nor sets.
 */
const dynaliteValues: Values = {
  texts: ["a", "ab", "abc", "b", "ba", "\u00e9"],
  bytes: [bytes(1), bytes(1, 2), bytes(1, 2, 3), bytes(2), bytes(2, 3)],
  all: false,
};
const allValues: Values = {
  texts: ["", ...dynaliteValues.texts, "\uff5e", "\u{1f600}", "\u{1f600}a"],
  bytes: [bytes(), ...dynaliteValues.bytes, bytes(255), bytes(1, 254), bytes(1, 255), bytes(128, 1)],
  all: true,
};

export const valuesOf = (kind: Kind): Values => (kind === "dynalite" ? dynaliteValues : allValues);

export const numbers = [-15, -1.5, -1, 0, 0.1, 0.15, 1, 1.5, 2, 15, 1e-130, 9e125, -9e125, 2 ** 53 - 1];
export const bigints = [0n, 1n, -1n, 15n, 10n ** 37n, 10n ** 37n + 1n, 2n ** 53n, 2n ** 53n + 1n, 10n ** 100n];
/** What other programs write, and doubles would take for one of the numbers above. */
const foreignNumbers = [
  "0.1000000000000000055511151231257827",
  "9007199254740991.5",
  "1.5000000000000000000000000000001",
];
export const days = [1, 2, 3].map((day) => new Date(Date.UTC(2026, 0, day)));

type Make = () => unknown;

/** What may be asked of one attribute. */
interface Askable {
  readonly value: Make;
  /** For lt and its like; absent where the schema has nothing that has an order. */
  readonly ordered?: Make;
  readonly start?: Make;
  readonly element?: Make;
  readonly isIn?: boolean;
}

export class RandomConditions {
  readonly #dice: Dice;
  readonly #values: Values;
  readonly #askable: Readonly<Record<string, Askable>>;

  constructor(seed: number, values: Values) {
    this.#dice = new Dice(seed);
    this.#values = values;
    this.#askable = this.#attributes();
  }

  item(id: string): RawItem {
    const item: RawItem = { id: { S: id } };
    for (const [name, { value, element: part = value }] of Object.entries(this.#askable)) {
      if (this.#dice.chance(0.25)) continue;
      const kinds = [value, value, value, value, value, part].map((make) => () => encodeDynamic(make()));
      item[name] = this.#dice.pick([...kinds, () => this.#foreign()])();
    }
    return item;
  }

  condition(depth = 0): unknown {
    const dice = this.#dice;
    if (depth < 2 && dice.chance(0.4)) return this.#combined(() => this.condition(depth + 1));
    const names = dice.chance(0.3) ? dice.some(this.#names, 3) : [];
    return Object.fromEntries([dice.pick(this.#names), ...names].map((name) => [name, this.#test(name, depth)]));
  }

  get #names(): readonly string[] {
    return Object.keys(this.#askable);
  }

  #combined(part: Make): unknown {
    const parts = [part(), ...(this.#dice.chance(0.7) ? [part()] : [])];
    return this.#dice.pick([() => and(...parts), () => or(...parts), () => not(part())])();
  }

  #test(name: string, depth: number): unknown {
    if (depth < 2 && this.#dice.chance(0.2)) return this.#combined(() => this.#test(name, depth + 1));
    if (name === "place" && this.#dice.chance(0.7)) return this.#placeTest();
    if (name === "prices" && this.#dice.chance(0.7))
      return {
        [this.#dice.pick(["x", "a.b"])]: this.#leaf({ value: () => this.#number(), ordered: () => this.#number() }),
      };
    // True: the name is one of the attributes.
    return this.#leaf(this.#askable[name] as Askable);
  }

  #placeTest(): unknown {
    const { text, count, flag } = this.#askable as Record<"text" | "count" | "flag", Askable>;
    return this.#dice.pick([
      () => ({ city: this.#leaf(text) }),
      () => ({ zip: this.#leaf(count) }),
      () => ({ street: { name: this.#leaf(text), even: this.#leaf(flag) } }),
      () => ({ street: or({ name: this.#leaf(text) }, { even: this.#leaf(flag) }) }),
    ])();
  }

  #leaf({ value, ordered, start, element: part, isIn: listed = true }: Askable): unknown {
    const dice = this.#dice;
    const tests: Make[] = [() => eq(value()), () => ne(value()), exists, notExists];
    if (listed || this.#values.all) tests.push(() => isIn(Array.from({ length: dice.below(4) }, value)));
    if (ordered)
      tests.push(
        () => dice.pick([lt, le, gt, ge])(ordered()),
        () => between(ordered(), ordered()),
      );
    // True: such attributes hold texts or bytes.
    if (start) tests.push(() => beginsWith(start() as string));
    if (part) tests.push(() => contains(part()));
    return dice.pick(tests)();
  }

  #number(): number {
    return this.#dice.pick(numbers);
  }

  /** A stored value of any type, as another program may leave it. */
  #foreign(depth = 0): AttributeValue {
    const dice = this.#dice;
    if (dice.chance(0.2)) return { N: dice.pick(foreignNumbers) };
    if (depth < 2 && dice.chance(0.2)) return { L: [this.#foreign(depth + 1), this.#foreign(depth + 1)] };
    return encodeDynamic(this.#askable[dice.pick(this.#names)]?.value());
  }

  #attributes(): Record<string, Askable> {
    const dice = this.#dice;
    const { all, ...values } = this.#values;
    const text = (): string => dice.pick(values.texts);
    const raw = (): Uint8Array => dice.pick(values.bytes);
    const big = (): bigint => dice.pick(bigints);
    const day = (): Date => dice.pick(days);
    const flag = (): boolean => dice.chance(0.5);
    const number = (): number => this.#number();
    const word = (): string => dice.pick(["a", "ab", "b"]);
    const words = (): Set<string> => new Set(dice.some(["a", "ab", "b"], 2));
    const few = (): unknown => dice.pick([text, number, flag, raw, (): null => null])();
    const member = (): unknown => dice.pick([few, few, few, (): number[] => [1.5]])();
    const scalar = (): unknown => dice.pick([text, number, raw])();
    const plain = (): unknown => dice.pick([text, number])();
    const prices = (): unknown => ({ ...(flag() && { x: number() }), ...(flag() && { "a.b": number() }) });
    const street = (): unknown => ({ name: word(), even: flag() });
    return {
      text: { value: text, ordered: text, start: text, element: text, isIn: true },
      count: { value: number, ordered: number },
      big: { value: big, ordered: big },
      flag: { value: flag, isIn: false },
      at: { value: day, ordered: day },
      raw: { value: raw, ordered: raw, start: raw },
      maybe: { value: () => dice.pick([text, (): null => null])(), ordered: text, start: text },
      mixed: {
        value: () => dice.pick([few, words])(),
        // Some have no order, which is then refused.
        ordered: all ? () => (dice.chance(0.3) ? flag() : scalar()) : scalar,
        element: text,
        isIn: false,
      },
      tags: { value: words, element: word, isIn: false },
      sizes: { value: () => new Set(dice.some([1, 1.5, 15], 2)), element: () => dice.pick([1, 1.5]), isIn: false },
      chunks: { value: () => new Set(dice.some(values.bytes.slice(1), 2)), element: raw, isIn: false },
      list: { value: () => Array.from({ length: dice.below(3) }, member), element: all ? member : plain, isIn: false },
      groups: {
        value: () => Array.from({ length: dice.below(3) }, words),
        ...(all && { element: words }),
        isIn: false,
      },
      place: { value: () => ({ city: word(), ...(flag() && { zip: number() }), street: street() }), isIn: false },
      prices: { value: prices, isIn: false },
    };
  }
}

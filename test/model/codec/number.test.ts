import { describe, expect, it } from "vitest";
import { Unstorable } from "../../../src/model/codec/codec.js";
import {
  canonicalNumber,
  compareNumbers,
  decodeNumber,
  encodeBigint,
  encodeNumber,
  exactBigint,
  exactNumber,
} from "../../../src/model/codec/number.js";

/** Random numbers that are the same in every run (mulberry32), so that a failure can be looked at again. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const rounds = 2000;

/** The value as DynamoDB writes it: plain decimal text, without an exponent. */
function plainText(text: string): string {
  const [, sign = "", whole = "", fraction = "", power = "0"] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(text) ?? [];
  const digits = whole + fraction;
  const point = whole.length + Number(power);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return point >= digits.length
    ? sign + digits.padEnd(point, "0")
    : `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

describe("numbers", () => {
  it("D25: every double that DynamoDB can hold comes back as the same double", () => {
    const random = numbers(1);
    for (let round = 0; round < rounds; round++) {
      const value = (random() - 0.5) * 10 ** Math.floor(random() * 254 - 129);
      if (Number.isInteger(value) && !Number.isSafeInteger(value)) continue;
      const text = encodeNumber(value);
      expect(decodeNumber(text)).toBe(value);
      expect(decodeNumber(plainText(text))).toBe(value); // as DynamoDB may write it
    }
  });

  it("D25: every safe integer comes back", () => {
    const random = numbers(2);
    for (let round = 0; round < rounds; round++) {
      const value = Math.trunc((random() - 0.5) * 2 ** Math.ceil(random() * 53));
      expect(decodeNumber(encodeNumber(value))).toBe(value + 0); // -0 is 0
    }
    for (const value of [0, 1, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 1e15, 1e21, -1e125, 1e-130]) {
      expect(decodeNumber(encodeNumber(value))).toBe(value);
    }
  });

  it.each([
    ["NaN", Number.NaN],
    ["Infinity", Number.POSITIVE_INFINITY],
    ["-Infinity", Number.NEGATIVE_INFINITY],
    ["2 ** 53", 2 ** 53],
    ["-(2 ** 53)", -(2 ** 53)],
    ["2 ** 60", 2 ** 60],
    ["1e126", 1e126],
    ["-1e126", -1e126],
    ["9e-131", 9e-131],
    ["the smallest double", Number.MIN_VALUE],
    ["the largest double", Number.MAX_VALUE],
  ])("D25: %s is refused, never rounded", (_, value) => {
    expect(() => encodeNumber(value)).toThrow(Unstorable);
  });

  it.each(["9007199254740993", "-9007199254740993", "12345678901234567890", "99999999999999999999999999999999999999"])(
    "D25: the stored %s does not fit a double, and says so",
    (text) => {
      expect(exactNumber(text)).toBeUndefined();
      expect(() => decodeNumber(text)).toThrow(Unstorable);
    },
  );

  it.each([
    ["0.1234567890123456789", 0.12345678901234568],
    ["0.40000000000000004", 0.4],
    ["-0.30000000000000001", -0.3],
  ])("D25: the stored fraction %s is read as the nearest number", (text, near) => {
    expect(decodeNumber(text)).toBeCloseTo(near, 15);
  });

  it.each([
    ["1.0", 1],
    ["-0", 0],
    ["0.000", 0],
    ["1E3", 1000],
    ["1e+3", 1000],
    ["0012.50", 12.5],
    ["1000000000000000000000", 1e21],
    ["0.1", 0.1],
  ])("D25: the stored %s is %d, however it is written", (text, value) => {
    expect(decodeNumber(text) + 0).toBe(value);
  });

  it("D25: a random decimal text is read exactly, or refused", () => {
    const random = numbers(3);
    for (let round = 0; round < rounds; round++) {
      const digits = String(Math.floor(random() * 2 ** 52)) + String(Math.floor(random() * 2 ** (random() * 40)));
      const point = Math.floor(random() * digits.length) + 1;
      const text = `${digits.slice(0, point)}.${digits.slice(point)}0`;
      const value = exactNumber(text);
      const same = canonicalNumber(String(Number(text))) === canonicalNumber(text);
      if (value !== undefined) expect(same).toBe(true);
      else expect(same && Math.abs(Number(text)) <= Number.MAX_SAFE_INTEGER).toBe(false); // beyond: neighbours round to it
    }
  });
});

describe("bigints", () => {
  it("D25: every bigint of up to 38 digits comes back", () => {
    const random = numbers(4);
    for (let round = 0; round < rounds; round++) {
      const digits = Array.from({ length: 1 + Math.floor(random() * 38) }, () => Math.floor(random() * 10)).join("");
      const value = BigInt(digits) * (random() < 0.5 ? -1n : 1n);
      expect(exactBigint(encodeBigint(value))).toBe(value);
    }
  });

  it("D25: zeros at the end cost no digits, up to the largest of DynamoDB's numbers", () => {
    for (const value of [10n ** 125n, -(10n ** 125n), (10n ** 38n - 1n) * 10n ** 88n, 0n]) {
      expect(exactBigint(encodeBigint(value))).toBe(value);
    }
    expect(exactBigint("1E+40")).toBe(10n ** 40n);
  });

  it.each([10n ** 38n + 1n, -(10n ** 40n) - 1n, 10n ** 126n])("D25: %d is refused", (value) => {
    expect(() => encodeBigint(value)).toThrow(Unstorable);
  });

  it("D25: a stored fraction is no bigint", () => {
    expect(exactBigint("1.5")).toBeUndefined();
    expect(exactBigint("1.50e1")).toBe(15n);
    expect(exactBigint("-7.000")).toBe(-7n);
  });
});

describe("canonical numbers", () => {
  it("D13: two ways to write a number are one text, two numbers are two", () => {
    for (const [one, other] of [
      ["1", "1.0"],
      ["100", "1e2"],
      ["0", "-0.00"],
      ["-12.5", "-0.1250E2"],
      ["0.001", "1e-3"],
    ] as const) {
      expect(canonicalNumber(one)).toBe(canonicalNumber(other));
    }
    const different = ["0", "1", "-1", "10", "0.1", "11", "1e38", "12345678901234567890", "12345678901234567891"];
    expect(new Set(different.map(canonicalNumber)).size).toBe(different.length);
  });
});

describe("the order of numbers", () => {
  it("D25: random numbers of all lengths are ordered by value, whatever their texts", () => {
    const random = numbers(6);
    const scale = 40;
    for (let round = 0; round < rounds; round++) {
      // Few digits at few places, so that numbers are often close or equal.
      const [a, b] = [0, 1].map(() => {
        const digits = Array.from({ length: 1 + Math.floor(random() * 3) }, () => Math.floor(random() * 3)).join("");
        return { text: `${random() < 0.5 ? "-" : ""}${digits}`, power: Math.floor(random() * 6) - 3 };
      });
      const value = ({ text = "", power = 0 } = {}): bigint => BigInt(text) * 10n ** BigInt(scale + power);
      const text = ({ text: digits = "", power = 0 } = {}): string => `${digits}e${power}`;
      const expected = value(a) < value(b) ? -1 : Number(value(a) > value(b));
      expect(Math.sign(compareNumbers(text(a), text(b))) + 0, `${text(a)} ${text(b)}`).toBe(expected);
    }
  });
});

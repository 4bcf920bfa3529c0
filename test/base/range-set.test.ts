import { describe, expect, it } from "vitest";
import { ValidationError } from "../../src/base/errors.js";
import { RangeSet } from "../../src/base/range-set.js";
import type { Range } from "../../src/base/range-set.js";

const ranges = (set: RangeSet): readonly Range[] => [...set];

describe("a range set", () => {
  it("joins ranges that touch or overlap, in whatever order they come", () => {
    const set = new RangeSet([
      [7, 8],
      [0, 2],
      [4, 6],
    ]);
    expect(ranges(set)).toEqual([
      [0, 2],
      [4, 6],
      [7, 8],
    ]);
    set.add([6, 7]);
    expect(ranges(set)).toEqual([
      [0, 2],
      [4, 8],
    ]);
    set.add([1, 5]);
    expect(ranges(set)).toEqual([[0, 8]]);
    set.add([3, 4]);
    set.add([20, 20]);
    expect(ranges(set)).toEqual([[0, 8]]);
  });

  it("says what it holds, how much, and where it ends", () => {
    const set = new RangeSet([
      [0, 2],
      [5, 7],
    ]);
    expect([-1, 0, 1, 2, 4, 5, 6, 7].filter((number) => set.has(number))).toEqual([0, 1, 5, 6]);
    expect([...set.numbers()]).toEqual([0, 1, 5, 6]);
    expect([set.size, set.end]).toEqual([4, 7]);
    expect([new RangeSet().size, new RangeSet().end]).toEqual([0, 0]);
  });

  it("takes away what another one holds", () => {
    const whole = new RangeSet([
      [0, 10],
      [20, 22],
    ]);
    const holes = new RangeSet([
      [0, 2],
      [4, 5],
      [9, 21],
    ]);
    const left: readonly Range[] = [
      [2, 4],
      [5, 9],
      [21, 22],
    ];
    expect(ranges(whole.without(holes))).toEqual(left);
    expect(ranges(whole.without(new RangeSet()))).toEqual(ranges(whole));
    expect(ranges(whole.without(whole))).toEqual([]);
    expect(whole.size).toBe(12); // itself it stays as it is
  });

  it("agrees with a plain set of numbers", () => {
    const [plain, set, other] = [new Set<number>(), new RangeSet(), new RangeSet()];
    for (let n = 0; n < 200; n++) {
      const from = (n * 37) % 101; // all over the place, and the same each time
      set.add([from, from + (n % 4)]);
      for (let number = from; number < from + (n % 4); number++) plain.add(number);
      if (n % 7 === 0) other.add([from, from + 3]);
      expect([...set.numbers()]).toEqual([...plain].toSorted((a, b) => a - b));
    }
    expect([...set.without(other).numbers()]).toEqual([...set.numbers()].filter((number) => !other.has(number)));
  });

  it("is stored as plain arrays, and comes back from them", () => {
    const set = new RangeSet([
      [7, 8],
      [0, 5],
    ]);
    expect(JSON.stringify(set)).toBe("[[0,5],[7,8]]");
    expect(ranges(new RangeSet(set.toJSON()))).toEqual(ranges(set));
  });

  it.each([
    [2, 1],
    [0.5, 1],
    [0, Number.NaN],
    [0, Infinity],
    [0, 2 ** 53],
  ])("refuses [%d, %d]", (from, before) => {
    expect(() => new RangeSet().add([from, before])).toThrow(ValidationError);
  });
});

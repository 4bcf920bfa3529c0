import { describe, expect, it } from "vitest";
import { median, quantile, ratios, spread } from "../../../bench/framework/statistics.js";

describe("statistics of measurements", () => {
  it("takes the middle, or half-way between the two in the middle, in whatever order they come", () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 9, 1, 4])).toBe(6.5); // as text, 10 would come before 4
    expect(median([3])).toBe(3);
    expect(median([])).toBeNaN();
  });

  it("takes quantiles between two measurements", () => {
    const hundred = Array.from({ length: 101 }, (_, index) => 100 - index);
    expect(quantile(hundred, 0)).toBe(0);
    expect(quantile(hundred, 0.95)).toBe(95);
    expect(quantile(hundred, 0.99)).toBe(99);
    expect(quantile(hundred, 1)).toBe(100);
    expect(quantile([10, 20], 0.25)).toBe(12.5);
    expect(spread([4, 1, 3, 2, 5])).toEqual({ median: 3, low: 2, high: 4 });
  });

  it("does not change what it is given", () => {
    const given = [3, 1, 2];
    spread(given);
    expect(given).toEqual([3, 1, 2]);
  });

  it("compares round by round: a slow round slows both, and changes no ratio", () => {
    expect(ratios([20, 200, 40], [10, 100, 20])).toEqual([2, 2, 2]);
    // Medians by themselves would say 1.5.
    expect(median(ratios([30, 100, 10], [10, 100, 20]))).toBe(1);
    expect(() => ratios([1, 2], [1])).toThrow(RangeError);
  });
});

import { describe, expect, it } from "vitest";
import { forEachParallel } from "../../src/base/parallel.js";

describe("bounded parallel work", () => {
  it("runs every element once, never more than the limit at a time", async () => {
    let running = 0;
    let most = 0;
    const done: number[] = [];
    await forEachParallel([0, 1, 2, 3, 4, 5, 6], 3, async (element, index) => {
      expect(index).toBe(element);
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
      done.push(element);
    });
    expect(most).toBe(3);
    expect(new Set(done)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6]));
    expect(done).toHaveLength(7);
  });

  it("has nothing to do for no elements", async () => {
    await expect(forEachParallel([], 3, () => Promise.reject(new Error("called")))).resolves.toBeUndefined();
  });
});

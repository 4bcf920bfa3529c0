import { expect, test } from "vitest";
import { seededFractions, shuffled } from "../../../bench/framework/random.js";
import { interleave } from "../../../bench/framework/rounds.js";

test("every contestant runs once in each round, alone, in an order that changes, the same for the same seed", async () => {
  const names = ["a", "b", "c", "d"];
  async function order(seed: number): Promise<string[]> {
    const rounds: string[] = [];
    let running = 0;
    const measured = await interleave(
      names,
      { rounds: 12, fraction: seededFractions(seed), onRound: () => void rounds.push("") },
      async (name) => {
        expect(++running).toBe(1);
        await Promise.resolve();
        running--;
        rounds[rounds.length - 1] += name;
        return rounds.length;
      },
    );
    // The n-th measurement of each is of the n-th round: ratios pair by their place.
    for (const name of names) expect(measured.get(name)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
    return rounds;
  }
  const first = await order(1);
  for (const round of first) expect(new Set(round)).toEqual(new Set(names)); // every letter
  for (const round of first) expect(round).toHaveLength(names.length);
  expect(new Set(first).size).toBeGreaterThan(4);
  expect(await order(1)).toEqual(first);
  expect(await order(2)).not.toEqual(first);
});

test("seeded fractions are spread from 0 up to 1, for small seeds too", () => {
  for (const seed of [0, 1, 2, 4_294_967_295]) {
    const fraction = seededFractions(seed);
    const drawn = Array.from({ length: 2000 }, fraction);
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...drawn)).toBeLessThan(1);
    expect(drawn.reduce((sum, number) => sum + number, 0) / drawn.length).toBeCloseTo(0.5, 1);
  }
  expect(new Set(shuffled([1, 2, 3], seededFractions(5)))).toEqual(new Set([1, 2, 3]));
});

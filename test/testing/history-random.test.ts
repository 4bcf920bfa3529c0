import { checkHistory } from "dynatx/testing";
import { describe, expect, it } from "vitest";
import { seededFractions } from "../../src/testing/fault-plan.js";
import { isStrictlySerializable } from "./history/brute-force.js";
import { largeHistory } from "./history/large-history.js";
import { arbitraryHistory, simulatedHistory, weaknesses } from "./history/random-histories.js";
import type { Shape, Weakness } from "./history/random-histories.js";

/** Of a few operations, so that all their orders can be tried. */
function tiny(seed: number, deletes = 0): Shape {
  const outcomes = { failed: seed % 3 === 0 ? 0.1 : 0, unknown: seed % 7 < 2 ? 0.3 : 0 };
  return {
    operations: 2 + (seed % 5),
    processes: 3,
    keys: 1 + (seed % 2),
    maxSteps: 1 + (seed % 3),
    deletes,
    ...outcomes,
  };
}

const busy: Shape = { operations: 200, processes: 5, keys: 2, maxSteps: 3, failed: 0.1, unknown: 0.1 };
const seeds = (count: number): number[] => Array.from({ length: count }, (_, seed) => seed);

describe("a history that a serializable store has made", () => {
  it.each([0, 0.1, 0.3])("has no anomaly, thousands of them, %d of the steps deletions", (deletes) => {
    for (const seed of seeds(1000)) {
      const operations = 5 + (seed % 80);
      const shape = { ...busy, operations, processes: 1 + (seed % 9), keys: 1 + (seed % 5), deletes };
      const { anomalies } = checkHistory(simulatedHistory(shape, seededFractions(seed)));
      expect(anomalies, `seed ${seed}`).toEqual([]);
    }
  });

  it.each([0, 0.02])(
    "has none with 100,000 operations either, found in seconds, %d of the steps deletions",
    (deletes) => {
      const report = checkHistory(largeHistory(100_000, seededFractions(1), deletes));
      expect(report.anomalies).toEqual([]);
      expect(report.counts).toMatchObject({ ok: 100_000 });
      expect(report.counts.reads).toBeGreaterThan(100_000);
    },
  );
});

describe("a history that a weaker store has made", () => {
  const found: Record<Weakness, number> = {
    ...{
      writeSkew: 80,
      lostUpdate: 100,
      staleRead: 95,
      doubleApply: 100,
      dirtyRead: 95,
      lostWrite: 100,
      tornWrite: 95,
    },
  };
  it.each(weaknesses)("is found out: %s", (weakness) => {
    const histories = seeds(100).map((seed) => simulatedHistory(busy, seededFractions(seed), weakness));
    expect(histories.filter((history) => !checkHistory(history).valid).length).toBeGreaterThanOrEqual(found[weakness]);
  });

  it("is found out when everything in it happens at other times", () => {
    const fraction = seededFractions(1);
    const history = largeHistory(5000, fraction).map((operation) => {
      const start = operation.start + fraction() * 1000;
      return { ...operation, start, end: start + 10 };
    });
    const report = checkHistory(history);
    expect(report.anomalies).toHaveLength(100);
    expect(report.omitted).toBeGreaterThan(10);
  });
});

describe("the verdict about a tiny history is that of trying all orders", () => {
  const cases = seeds(4000);

  it("of steps at random", () => {
    const verdicts = { true: 0, false: 0 };
    for (const seed of cases) {
      const history = arbitraryHistory(tiny(seed), seededFractions(seed));
      const truth = isStrictlySerializable(history);
      verdicts[`${truth}`]++;
      expect(checkHistory(history).valid, JSON.stringify(history)).toBe(truth);
    }
    expect(Math.min(verdicts.true, verdicts.false)).toBeGreaterThan(500); // both kinds were tried
  });

  it.each(weaknesses)("of a store with %s", (weakness) => {
    let impossible = 0;
    for (const seed of cases.slice(0, 1500)) {
      const shape = { ...tiny(seed), operations: 4 + (seed % 3), maxSteps: 3 };
      const history = simulatedHistory(shape, seededFractions(seed), weakness);
      const truth = isStrictlySerializable(history);
      if (!truth) impossible++;
      expect(checkHistory(history).valid, JSON.stringify(history)).toBe(truth);
    }
    expect(impossible).toBeGreaterThan(10);
  });

  it("with deletions as far as it says that something is wrong, and for nearly all where something is", () => {
    const verdicts = { found: 0, overlooked: 0 };
    for (const seed of cases) {
      const shape = tiny(seed, 0.2);
      const weakness = weaknesses[seed % weaknesses.length];
      for (const history of [
        arbitraryHistory(shape, seededFractions(seed)),
        simulatedHistory(shape, seededFractions(seed), weakness),
      ]) {
        const { valid } = checkHistory(history);
        if (isStrictlySerializable(history)) expect(valid, JSON.stringify(history)).toBe(true);
        else verdicts[valid ? "overlooked" : "found"]++;
      }
    }
    expect(verdicts.found).toBeGreaterThan(20 * verdicts.overlooked);
  });
});

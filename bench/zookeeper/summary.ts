import { median, quantile, ratios, spread } from "../framework/statistics.js";
import type { Spread } from "../framework/statistics.js";
import type { Cell } from "./cell.js";
import { baseline } from "./contestants/index.js";

/** What one contestant came to at one workload on one server or ensemble, over all rounds. */
export interface Summary {
  readonly ground: string;
  readonly workload: string;
  readonly contestant: string;
  readonly commits: number;
  readonly commitsPerSecond: Spread;
  /** By the baseline's of the same round. */
  readonly ratio: Spread;
  readonly requestsPerCommit: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Of all rounds. Anything but 0 is a broken promise. */
  readonly surplus: number;
  readonly imbalance: number;
}

export function summarised(ground: string, workload: string, cells: ReadonlyMap<string, readonly Cell[]>): Summary[] {
  const speeds = (own: readonly Cell[]): number[] => own.map(({ commitsPerSecond }) => commitsPerSecond);
  const base = speeds(cells.get(baseline.name) ?? []);
  return [...cells].map(([contestant, own]) => {
    const latencies = own.flatMap(({ latenciesMs }) => latenciesMs);
    return {
      ground,
      workload,
      contestant,
      commits: latencies.length,
      commitsPerSecond: spread(speeds(own)),
      ratio: spread(ratios(speeds(own), base)),
      requestsPerCommit: median(own.map(({ requestsPerCommit }) => requestsPerCommit)),
      p50Ms: quantile(latencies, 0.5),
      p95Ms: quantile(latencies, 0.95),
      p99Ms: quantile(latencies, 0.99),
      surplus: own.reduce((sum, { surplus }) => sum + surplus, 0),
      imbalance: own.reduce((sum, { imbalance }) => sum + imbalance, 0),
    };
  });
}

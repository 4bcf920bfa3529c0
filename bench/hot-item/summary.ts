import { median, quantile, ratios, spread } from "../framework/statistics.js";
import type { Spread } from "../framework/statistics.js";
import type { Cell } from "./cell.js";
import { baseline } from "./contestants/index.js";

/** What one contestant came to on one database, with so many at a time, over all rounds. */
export interface Summary {
  readonly database: string;
  readonly concurrency: number;
  readonly contestant: string;
  readonly commits: number;
  readonly commitsPerSecond: Spread;
  /** By the hand-written loop's of the same round. */
  readonly ratio: Spread;
  readonly requestsPerCommit: number;
  readonly attemptsPerCommit: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Of all rounds: what counters hold less what was acknowledged. Anything but 0 is a broken promise. */
  readonly surplus: number;
  /** Rows less what was acknowledged. As above. */
  readonly rowSurplus: number;
}

export function summarised(
  database: string,
  concurrency: number,
  cells: ReadonlyMap<string, readonly Cell[]>,
): Summary[] {
  const speeds = (own: readonly Cell[]): number[] => own.map(({ commitsPerSecond }) => commitsPerSecond);
  const base = speeds(cells.get(baseline.name) ?? []);
  return [...cells].map(([contestant, own]) => {
    const latencies = own.flatMap(({ latenciesMs }) => latenciesMs);
    return {
      database,
      concurrency,
      contestant,
      commits: latencies.length,
      commitsPerSecond: spread(speeds(own)),
      ratio: spread(ratios(speeds(own), base)),
      requestsPerCommit: median(own.map(({ requests, commits }) => requests / commits)),
      attemptsPerCommit: median(own.map(({ attempts, commits }) => attempts / commits)),
      p50Ms: quantile(latencies, 0.5),
      p95Ms: quantile(latencies, 0.95),
      p99Ms: quantile(latencies, 0.99),
      rowSurplus: own.reduce((sum, { rows, acknowledged }) => sum + rows - acknowledged, 0),
      surplus: own.reduce((sum, { counted, acknowledged }) => sum + counted - acknowledged, 0),
    };
  });
}

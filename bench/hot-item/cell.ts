import { setTimeout as sleep } from "node:timers/promises";
import type { RequestCount } from "../clients/counting.js";
import type { Opened, Progress } from "./contestant.js";

export interface CellPlan {
  /** How many are at it at the same time. */
  readonly concurrency: number;
  /** How long it runs before anything counts. */
  readonly warmUpMs: number;
  readonly measuredMs: number;
}

/** What one contestant came to at one counter. */
export interface Cell {
  readonly commitsPerSecond: number;
  readonly commits: number;
  readonly requests: number;
  readonly attempts: number;
  /** How long each commit took, from its call to its answer, in milliseconds. */
  readonly latenciesMs: readonly number[];
  /** What the counter should hold and does: all that was acknowledged, the warm-up and what came late included. */
  readonly acknowledged: number;
  readonly counted: number;
  /** How many rows tell of it; as many as were acknowledged, where there are no rows. */
  readonly rows: number;
}

/** Increments one new counter as often as it can be done. */
export async function runCell(opened: Opened, sent: RequestCount, id: string, plan: CellPlan): Promise<Cell> {
  const { concurrency, warmUpMs, measuredMs } = plan;
  await opened.create(id);
  let attempts = 0;
  let acknowledged = 0;
  let latenciesMs: number[] = [];
  let stop = (): void => {};
  const over = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const progress: Progress & { stopped: boolean } = { stopped: false, over, attempted: () => void attempts++ };

  async function worker(): Promise<void> {
    while (!progress.stopped) {
      const start = performance.now();
      if (!(await opened.increment(id, progress))) return;
      acknowledged++;
      latenciesMs.push(performance.now() - start);
    }
  }

  const workers = Promise.all(Array.from({ length: concurrency }, worker));
  await Promise.race([sleep(warmUpMs), workers]);
  const before = sent.requests;
  [attempts, latenciesMs] = [0, []];
  const start = performance.now();
  await Promise.race([sleep(measuredMs), workers]); // a worker that fails fails the cell
  const seconds = (performance.now() - start) / 1000;
  const measured = { commits: latenciesMs.length, requests: sent.requests - before, attempts, latenciesMs };
  latenciesMs = [];
  progress.stopped = true;
  stop();
  await workers;
  const counted = await opened.read(id);
  const rows = (await opened.rows?.(id)) ?? acknowledged;
  return { commitsPerSecond: measured.commits / seconds, ...measured, acknowledged, counted, rows };
}

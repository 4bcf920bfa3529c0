import { setTimeout as sleep } from "node:timers/promises";
import type { ZooKeeper } from "../clients/zookeeper.js";
import type { Opened } from "./contestant.js";
import type { Workload } from "./workload.js";

export interface CellPlan {
  /** How long it runs before anything counts. */
  readonly warmUpMs: number;
  readonly measuredMs: number;
  /** Numbers from 0 up to 1, for what is picked. */
  readonly fraction: () => number;
}

/** What one contestant came to at one workload. */
export interface Cell {
  readonly commitsPerSecond: number;
  /** What the servers received from the first commit to the last, those before and after what is measured included. */
  readonly requestsPerCommit: number;
  /** How long each commit took, from its call to its answer, in milliseconds. */
  readonly latenciesMs: readonly number[];
  /** Changes that the records hold, less those that were acknowledged. */
  readonly surplus: number;
  /** The sum of all balances, less what it should be. */
  readonly imbalance: number;
}

/** Commits as often as it can be done, once at least. */
export async function runCell(
  server: ZooKeeper,
  opened: Opened,
  { keys, workers, pick }: Workload,
  { warmUpMs, measuredMs, fraction }: CellPlan,
): Promise<Cell> {
  await opened.create(keys);
  const progress = { stopped: false, commits: 0, changes: 0, debits: 0 };
  let latenciesMs: number[] = [];
  let onCommit = (): void => {};

  async function work(worker: number): Promise<void> {
    while (!progress.stopped) {
      const picked = pick(fraction);
      const start = performance.now();
      await opened.commit(worker, picked);
      progress.commits++;
      progress.changes += picked.length;
      progress.debits += picked.length === 1 ? 1 : 0; // nobody gets what is taken
      latenciesMs.push(performance.now() - start);
      onCommit();
    }
  }

  const before = await server.requests();
  const all = Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)));
  await Promise.race([sleep(warmUpMs), all]); // a worker that fails fails the cell
  latenciesMs = [];
  const start = performance.now();
  const committed = new Promise<void>((resolve) => {
    onCommit = resolve;
  });
  await Promise.race([Promise.all([sleep(measuredMs), committed]), all]);
  const seconds = (performance.now() - start) / 1000;
  const measured = latenciesMs;
  latenciesMs = [];
  progress.stopped = true;
  await all;
  const requests = (await server.requests()) - before;
  const accounts = await Promise.all(keys.map((key) => opened.read(key)));
  return {
    commitsPerSecond: measured.length / seconds,
    requestsPerCommit: requests / progress.commits,
    latenciesMs: measured,
    surplus: accounts.reduce((sum, account) => sum + account.changes, -progress.changes),
    imbalance: accounts.reduce((sum, account) => sum + account.balance, progress.debits),
  };
}

import { startFaultProxy } from "dynatx/testing";
import { benchClient } from "../clients/client.js";
import { countRequests } from "../clients/counting.js";
import type { Database } from "../clients/databases.js";
import { createTable } from "../clients/table-layout.js";
import type { Opened, Progress } from "../hot-item/contestant.js";
import type { LossyContestant } from "./contestants.js";

export interface LossPlan {
  /** It ends when so many replies to writes were lost. */
  readonly lostReplies: number;
  readonly counters: number;
  readonly seed: number;
}

/** What one contestant came to while replies were lost. */
export interface Loss {
  readonly contestant: string;
  readonly lostReplies: number;
  /** Increments that the caller was told are done. */
  readonly acknowledged: number;
  /** Increments that ended in an error, by its name. */
  readonly errors: Readonly<Record<string, number>>;
  /** What the counters hold in the end, in all. */
  readonly counted: number;
  readonly rows: number | undefined;
  /** Attempts that met a conflict. There is one writer to a counter: whoever sees a conflict sees itself. */
  readonly falseConflicts: number;
  readonly requests: number;
  readonly seconds: number;
}

/** Eight of ten replies to writes are lost: the connection is reset, or breaks off in mid-body, after the write was executed. */
const rates = { loseReply: 0.6, cutReply: 0.2 };
const operations = ["PutItem", "UpdateItem"];

export async function runLoss(database: Database, contestant: LossyContestant, plan: LossPlan): Promise<Loss> {
  const proxy = await startFaultProxy(database, { seed: plan.seed, rates, operations });
  const client = benchClient(proxy.endpoint, contestant.config);
  const direct = benchClient(database.endpoint);
  try {
    for (const table of contestant.tables) await createTable(direct, table);
    const ids = Array.from({ length: plan.counters }, (_, index) => `counter-${index}`);
    const safe = contestant.open(direct);
    for (const id of ids) await safe.create(id);
    const sent = countRequests(client);
    const lost = (): number => proxy.counts.loseReply + proxy.counts.cutReply;
    const start = performance.now();
    const opened = contestant.open(client);
    const told = await tellOf(ids, opened, () => lost() < plan.lostReplies);
    const seconds = (performance.now() - start) / 1000;
    const [lostReplies, { requests }] = [lost(), sent];
    const counts = await Promise.all(ids.map((id) => safe.read(id)));
    const rowsOf = safe.rows?.bind(safe);
    const rows = rowsOf && sum(await Promise.all(ids.map((id) => rowsOf(id))));
    const found = { counted: sum(counts), rows, lostReplies, requests, seconds };
    return { contestant: contestant.name, ...told, ...found };
  } finally {
    client.destroy();
    direct.destroy();
    await proxy.stop();
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** One writer to each counter, one increment after the other; what they are told. */
async function tellOf(ids: readonly string[], opened: Opened, goOn: () => boolean) {
  let [attempts, acknowledged, failed] = [0, 0, 0];
  const errors: Record<string, number> = {};
  const never = new Promise<void>(() => {}); // a commit that has begun is finished
  const progress: Progress = { stopped: false, over: never, attempted: () => void attempts++ };
  await Promise.all(
    ids.map(async (id) => {
      while (goOn()) {
        try {
          await opened.increment(id, progress);
          acknowledged++;
        } catch (error) {
          failed++;
          const name = error instanceof Error ? error.name : String(error);
          errors[name] = (errors[name] ?? 0) + 1;
        }
      }
    }),
  );
  return { acknowledged, errors, falseConflicts: attempts - acknowledged - failed };
}

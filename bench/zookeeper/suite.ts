import { startZooKeeper } from "../clients/zookeeper.js";
import type { ZooKeeper } from "../clients/zookeeper.js";
import { seededFractions } from "../framework/random.js";
import { interleave } from "../framework/rounds.js";
import type { BenchOptions, Suite, SuiteResult } from "../suite.js";
import { runCell } from "./cell.js";
import type { Cell, CellPlan } from "./cell.js";
import { contestants } from "./contestants/index.js";
import type { Contestant } from "./contestant.js";
import { reported } from "./findings.js";
import { summarised } from "./summary.js";
import type { Summary } from "./summary.js";
import { workloads } from "./workload.js";
import type { Workload } from "./workload.js";

const grounds = [
  { name: "one server", size: 1 },
  { name: "an ensemble of three", size: 3 },
];
const defaults = { rounds: 5, seconds: 0.5, warmUpMs: 100 };
const quick = { rounds: 1, seconds: 0.1, warmUpMs: 20 };
/** Before anything is measured, so that clients and servers have their code compiled. */
const compilingMs = 1000;

/** Transactions with locks on ZooKeeper. */
export const zookeeper: Suite = { name: "zookeeper", run };

async function run(options: BenchOptions): Promise<SuiteResult> {
  const summaries: Summary[] = [];
  for (const { name, size } of grounds) {
    const server = await startZooKeeper(size);
    try {
      summaries.push(...(await runOn(`${name} (${server.version})`, server, options)));
    } finally {
      await server.stop();
    }
  }
  return reported(summaries);
}

async function runOn(ground: string, server: ZooKeeper, options: BenchOptions): Promise<Summary[]> {
  const { rounds, seconds, warmUpMs } = options.quick ? quick : defaults;
  const fraction = seededFractions(options.seed);
  // Numbers of its own: how many are drawn depends on how fast it is.
  const plan = {
    warmUpMs,
    measuredMs: (options.seconds ?? seconds) * 1000,
    fraction: seededFractions(options.seed + 1),
  };
  const summaries: Summary[] = [];
  let folders = 0;
  const cell = (contestant: Contestant, workload: Workload, its: CellPlan): Promise<Cell> =>
    cellOf(server, contestant, `/bench-${++folders}`, workload, its);
  for (const workload of workloads) {
    options.log(`zookeeper: ${ground}, ${workload.name}`);
    const compiling = { ...plan, measuredMs: compilingMs / workloads.length };
    if (!options.quick) for (const contestant of contestants) await cell(contestant, workload, compiling);
    const cells = await interleave(contestants, { rounds: options.rounds ?? rounds, fraction }, (contestant) =>
      cell(contestant, workload, plan),
    );
    summaries.push(...summarised(ground, workload.name, new Map([...cells].map(([{ name }, own]) => [name, own]))));
  }
  return summaries;
}

/** In a folder of its own, with clients of its own: idle ones of others would send pings. */
async function cellOf(
  server: ZooKeeper,
  contestant: Contestant,
  root: string,
  workload: Workload,
  plan: CellPlan,
): Promise<Cell> {
  const opened = await contestant.open(server.hosts, root, workload.workers);
  try {
    return await runCell(server, opened, workload, plan);
  } finally {
    await opened.close();
  }
}

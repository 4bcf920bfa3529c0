import { databases } from "../clients/databases.js";
import { seededFractions } from "../framework/random.js";
import { interleave } from "../framework/rounds.js";
import type { BenchOptions, Suite, SuiteResult } from "../suite.js";
import type { Cell, CellPlan } from "./cell.js";
import { contestants } from "./contestants/index.js";
import { groundOn } from "./ground.js";
import type { Ground } from "./ground.js";
import { reported } from "./findings.js";
import { summarised } from "./summary.js";
import type { Summary } from "./summary.js";

const defaults = { rounds: 3, seconds: 1.2, warmUpMs: 300, concurrencies: [1, 16, 64, 256] };
/** One at a time settles at once: what disturbs it is the machine, so it gets more and shorter rounds. */
const alone = { times: 5, warmUpMs: 50 };
const quick = { rounds: 1, seconds: 0.1, warmUpMs: 30, concurrencies: [16] };
/** Before anything is measured, so that every contestant's code is compiled. */
const warmUp: CellPlan = { concurrency: 16, warmUpMs: 0, measuredMs: 400 };

/** Many at one item at the same time. */
export const hotItem: Suite = { name: "hot-item", run };

async function run(options: BenchOptions): Promise<SuiteResult> {
  const summaries: Summary[] = [];
  for (const name of Object.keys(databases)) summaries.push(...(await runOn(name, options)));
  return reported(summaries);
}

async function runOn(name: string, options: BenchOptions): Promise<Summary[]> {
  const plan = options.quick ? quick : defaults;
  const database = await databases[name]?.();
  if (database === undefined) throw new Error(`there is no database ${name}`);
  const fraction = seededFractions(options.seed);
  const summaries: Summary[] = [];
  const grounds: Ground[] = [];
  try {
    for (const contestant of contestants) grounds.push(await groundOn(database, contestant));
    if (!options.quick) for (const ground of grounds) await ground.run(warmUp);
    for (const concurrency of plan.concurrencies) {
      options.log(`hot-item: ${name}, ${concurrency} at a time`);
      const { times, warmUpMs } = concurrency === 1 ? alone : { ...plan, times: 1 };
      const rounds = (options.rounds ?? plan.rounds) * times;
      const measuredMs = ((options.seconds ?? plan.seconds) * 1000) / times;
      const cells = await interleave(grounds, { rounds, fraction }, (ground) =>
        ground.run({ concurrency, warmUpMs, measuredMs }),
      );
      const byContestant = new Map<string, readonly Cell[]>(
        [...cells].map(([{ contestant }, own]) => [contestant.name, own]),
      );
      summaries.push(...summarised(name, concurrency, byContestant));
    }
  } finally {
    for (const { client } of grounds) client.destroy();
    await database.stop();
  }
  return summaries;
}

import { startDynalite } from "../clients/databases.js";
import { numberText } from "../framework/scale.js";
import type { Table } from "../framework/table.js";
import type { BenchOptions, Suite, SuiteResult } from "../suite.js";
import { contestants, lossless } from "./contestants.js";
import { runLoss } from "./run.js";
import type { Loss } from "./run.js";

const counters = 8;
const defaultLostReplies = 1000;
const quickLostReplies = 40;

/** What becomes of increments while most replies to writes are lost. */
export const lostReplies: Suite = { name: "lost-replies", run };

async function run(options: BenchOptions): Promise<SuiteResult> {
  const count = options.lostReplies ?? (options.quick ? quickLostReplies : defaultLostReplies);
  const losses: Loss[] = [];
  for (const contestant of contestants) {
    options.log(`lost-replies: ${contestant.name}, ${count} lost replies`);
    const database = await startDynalite(); // each has its own, so that nobody meets another's tables
    try {
      losses.push(await runLoss(database, contestant, { lostReplies: count, counters, seed: options.seed }));
    } finally {
      await database.stop();
    }
  }
  return reported(losses);
}

function reported(losses: readonly Loss[]): SuiteResult {
  return {
    tables: [
      table(
        `Increments of ${counters} counters, one writer each, on dynalite, while 8 of 10 replies to writes are lost`,
        losses,
      ),
    ],
    headline: table("Increments while 8 of 10 replies to writes are lost", losses),
    plots: [],
    contestants: {
      title: "What each does",
      columns: ["contestant", "one increment"],
      rows: contestants.map(({ name, does }) => [name, does]),
    },
    data: losses,
    failures: losses.filter(({ contestant }) => contestant === lossless.name).flatMap(failuresOf),
  };
}

function table(title: string, losses: readonly Loss[]): Table {
  return {
    title,
    columns: [
      ...["", "lost replies", "acknowledged", "errors", "counted", "counted, but never acknowledged"],
      ...["false conflicts", "requests/increment"],
    ],
    rows: losses.map((loss) => {
      const errors = Object.values(loss.errors).reduce((total, number) => total + number, 0);
      return [
        loss.contestant,
        ...[loss.lostReplies, loss.acknowledged, errors, loss.counted, loss.counted - loss.acknowledged].map(String),
        String(loss.falseConflicts),
        numberText(loss.requests / loss.acknowledged),
      ];
    }),
  };
}

/** What dynatx promises: each increment once, told so, and a row for each. */
function failuresOf({ contestant, acknowledged, errors, counted, rows, falseConflicts }: Loss): string[] {
  const failures = [];
  if (counted !== acknowledged) failures.push(`the counters hold ${counted}, but ${acknowledged} were acknowledged`);
  if (rows !== undefined && rows !== acknowledged) failures.push(`${rows} rows tell of ${acknowledged} increments`);
  if (falseConflicts !== 0) failures.push(`${falseConflicts} conflicts where there is one writer`);
  if (Object.keys(errors).length > 0) failures.push(`errors: ${JSON.stringify(errors)}`);
  return failures.map((failure) => `${contestant}, with replies lost: ${failure}`);
}

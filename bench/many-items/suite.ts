import { Connection } from "dynatx";
import { benchClient } from "../clients/client.js";
import { countRequests } from "../clients/counting.js";
import { databases } from "../clients/databases.js";
import type { Database } from "../clients/databases.js";
import { lineChart } from "../framework/line-chart.js";
import { seededFractions } from "../framework/random.js";
import { interleave } from "../framework/rounds.js";
import { numberText } from "../framework/scale.js";
import { median } from "../framework/statistics.js";
import type { Table } from "../framework/table.js";
import type { BenchOptions, Suite, SuiteResult } from "../suite.js";
import { Counter, contestants } from "./contestants.js";
import type { Contestant, Opened } from "./contestants.js";

const sizes = [2, 10, 100, 1000];
const defaultRounds = 5;
const quick = { rounds: 1, sizes: [2, 10] };

/** One commit over many items that nobody else wants. */
export const manyItems: Suite = { name: "many-items", run };

/** One contestant with so many items: medians over the rounds. */
interface Summary {
  readonly database: string;
  readonly contestant: string;
  readonly items: number;
  /** Until the answer. */
  readonly ms: number;
  /** Those after the answer included. */
  readonly requests: number;
  readonly exact: boolean;
}

interface Ground {
  readonly contestant: Contestant;
  readonly opened: Opened;
  readonly sent: { readonly requests: number };
}

async function run(options: BenchOptions): Promise<SuiteResult> {
  const summaries: Summary[] = [];
  for (const [name, start] of Object.entries(databases)) {
    const database = await start();
    try {
      summaries.push(...(await runOn(name, database, options)));
    } finally {
      await database.stop();
    }
  }
  return reported(summaries);
}

async function runOn(name: string, database: Database, options: BenchOptions): Promise<Summary[]> {
  const client = benchClient(database.endpoint);
  const connection = new Connection({ client });
  await connection.ensureTable(Counter);
  await connection.ensureCoordinator();
  const clients = [client];
  const grounds = contestants
    .filter((contestant) => contestant.databases.includes(name))
    .map((contestant): Ground => {
      const own = benchClient(database.endpoint);
      clients.push(own);
      return { contestant, opened: contestant.open(own), sent: countRequests(own) };
    });
  const fraction = seededFractions(options.seed);
  const rounds = options.rounds ?? (options.quick ? quick.rounds : defaultRounds);
  const summaries: Summary[] = [];
  for (const items of options.quick ? quick.sizes : sizes) {
    options.log(`many-items: ${name}, ${items} items, ${rounds} rounds`);
    const able = grounds.filter(({ contestant }) => items <= contestant.maxItems);
    const ids = new Map(able.map(({ contestant }, n) => [contestant.name, idsOf(`${n}-${items}`, items)]));
    for (const { contestant, opened } of able) await opened.create(ids.get(contestant.name) ?? []);
    const commit = (ground: Ground): Promise<Measured> => measured(ground, ids.get(ground.contestant.name) ?? []);
    for (const ground of able) await commit(ground); // so that everything is compiled and connected
    const found = await interleave(able, { rounds, fraction }, commit);
    for (const [{ contestant }, each] of found) {
      const counters = await Counter.on(connection).getBatch(ids.get(contestant.name) ?? []);
      const exact = counters.every((counter) => counter?.count === rounds + 1);
      const [ms, requests] = [median(each.map((one) => one.ms)), median(each.map((one) => one.requests))];
      summaries.push({ database: name, contestant: contestant.name, items, ms, requests, exact });
    }
  }
  for (const each of clients) each.destroy();
  return summaries;
}

function idsOf(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
}

interface Measured {
  readonly ms: number;
  readonly requests: number;
}

/** One commit, and what it sends until nothing more comes. */
async function measured({ opened, sent }: Ground, ids: readonly string[]): Promise<Measured> {
  const before = sent.requests;
  const start = performance.now();
  await opened.increment(ids);
  const ms = performance.now() - start;
  for (let last = -1; last !== sent.requests;) {
    last = sent.requests;
    await new Promise((resolve) => setTimeout(resolve, 50)); // what goes on in the background tells nobody when it ends
  }
  return { ms, requests: sent.requests - before };
}

function reported(summaries: readonly Summary[]): SuiteResult {
  const names = [...new Set(summaries.map(({ database }) => database))];
  const tables = names.map((name) =>
    tableOf(`One commit over N items, ${name}: ms to the answer / requests in all`, summaries, name),
  );
  const [first] = tables;
  const counts = [...new Set(summaries.map(({ items }) => items))];
  const chart = lineChart({
    title: "One commit over many items",
    xTitle: "items",
    yTitle: "ms to the answer",
    xLabels: counts.map(String),
    panels: names.map((name) => ({
      title: name,
      lines: contestants
        .filter((contestant) => contestant.databases.includes(name))
        .map((contestant) => ({
          name: contestant.name,
          strong: contestant.name.startsWith("atomic"),
          values: counts.map((items) => find(summaries, name, contestant.name, items)?.ms ?? NaN),
        })),
    })),
  });
  return {
    tables,
    plots: [{ name: "many-items", alt: "One commit over 2 to 1000 items: milliseconds to the answer", svg: chart }],
    contestants: {
      title: "What each does",
      columns: ["contestant", "one commit"],
      rows: contestants.map(({ name, does }) => [name, does]),
    },
    headline: tables.at(-1) ?? first ?? { title: "", columns: [], rows: [] },
    data: summaries,
    failures: summaries
      .filter(({ exact }) => !exact)
      .map(
        ({ database, contestant, items }) => `${contestant}, ${items} items on ${database}: the counters are not exact`,
      ),
  };
}

function find(summaries: readonly Summary[], database: string, contestant: string, items: number): Summary | undefined {
  return summaries.find((each) => each.database === database && each.contestant === contestant && each.items === items);
}

function tableOf(title: string, summaries: readonly Summary[], database: string): Table {
  const own = summaries.filter((each) => each.database === database);
  const counts = [...new Set(own.map(({ items }) => items))];
  const names = [...new Set(own.map(({ contestant }) => contestant))];
  const cell = (name: string, items: number): string => {
    const found = find(own, database, name, items);
    return found === undefined ? "–" : `${numberText(found.ms)} / ${found.requests}`;
  };
  return {
    title,
    columns: ["", ...counts.map((items) => `N = ${items}`)],
    rows: names.map((name) => [name, ...counts.map((items) => cell(name, items))]),
  };
}

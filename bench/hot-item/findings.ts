import { lineChart } from "../framework/line-chart.js";
import { numberText } from "../framework/scale.js";
import type { Table } from "../framework/table.js";
import type { Plot, SuiteResult } from "../suite.js";
import { contestants } from "./contestants/index.js";
import type { Summary } from "./summary.js";

const columns = [
  ...["", "commits/s", "by the loop's (quartiles)", "requests/commit", "attempts/commit"],
  ...["p50 ms", "p95 ms", "p99 ms"],
];

/** What the README shows: the first is the baseline. */
const shown = ["DocumentClient loop", "dynatx"];
const plotted = [
  { name: "hot-item-speed", title: "Commits each second at one item", yTitle: "commits/s", of: speedOf },
  {
    name: "hot-item-requests",
    title: "Requests for each commit at one item",
    yTitle: "requests/commit",
    of: ({ requestsPerCommit }: Summary) => requestsPerCommit,
  },
  {
    name: "hot-item-latency",
    title: "What 99 of 100 commits at one item take at the most",
    yTitle: "p99 in ms",
    of: ({ p99Ms }: Summary) => p99Ms,
  },
];

function speedOf({ commitsPerSecond }: Summary): number {
  return commitsPerSecond.median;
}

/** The tables and plots of what was measured, and what was promised and not kept. */
export function reported(summaries: readonly Summary[]): SuiteResult {
  const names = [...new Set(summaries.map(({ database }) => database))];
  const concurrencies = [...new Set(summaries.map(({ concurrency }) => concurrency))];
  return {
    tables: names.flatMap((name) => concurrencies.map((concurrency) => tableOf(summaries, name, concurrency))),
    plots: plotted.map((plot) => plotOf(plot, summaries, names, concurrencies)),
    contestants: {
      title: "What each does",
      columns: ["contestant", "one increment"],
      rows: contestants.map(({ name, does }) => [name, does]),
    },
    headline: headlineOf(summaries, names, concurrencies),
    data: summaries,
    failures: summaries.flatMap(failuresOf),
  };
}

function failuresOf({ database, concurrency, contestant, surplus, rowSurplus }: Summary): string[] {
  const where = `${contestant} on ${database}, ${concurrency} at a time`;
  const failures = [];
  if (surplus !== 0) failures.push(`${where}: what the counters hold and what was acknowledged differ by ${surplus}`);
  if (rowSurplus !== 0) failures.push(`${where}: rows and commits differ by ${rowSurplus}`);
  return failures;
}

function tableOf(summaries: readonly Summary[], database: string, concurrency: number): Table {
  const cells = summaries.filter((each) => each.database === database && each.concurrency === concurrency);
  const rows = contestants.flatMap(({ name }) => cells.filter(({ contestant }) => contestant === name));
  return {
    title: `${database}, ${concurrency} at a time`,
    columns,
    rows: rows.map((summary) => [
      summary.contestant,
      numberText(speedOf(summary)),
      `${numberText(summary.ratio.median)} (${numberText(summary.ratio.low)}–${numberText(summary.ratio.high)})`,
      numberText(summary.requestsPerCommit),
      numberText(summary.attemptsPerCommit),
      ...[summary.p50Ms, summary.p95Ms, summary.p99Ms].map(numberText),
    ]),
  };
}

function headlineOf(summaries: readonly Summary[], names: readonly string[], concurrencies: readonly number[]): Table {
  const wanted = names.flatMap((database) => concurrencies.map((concurrency) => ({ database, concurrency })));
  return {
    title: "Read-modify-write commits each second at one item",
    columns: ["", ...shown, "ratio", "requests/commit of dynatx"],
    rows: wanted.map(({ database, concurrency }) => {
      const [loop, own] = shown.map((name) =>
        summaries.find(
          (each) => each.database === database && each.concurrency === concurrency && each.contestant === name,
        ),
      );
      if (loop === undefined || own === undefined)
        throw new Error(`${database} was measured without ${shown.join(" or ")}`);
      return [
        `${database}, ${concurrency} at a time`,
        numberText(speedOf(loop)),
        numberText(speedOf(own)),
        numberText(own.ratio.median),
        own.requestsPerCommit.toFixed(2),
      ];
    }),
  };
}

function plotOf(
  { name, title, yTitle, of }: (typeof plotted)[number],
  summaries: readonly Summary[],
  names: readonly string[],
  concurrencies: readonly number[],
): Plot {
  const valueOf = (database: string, contestant: string, concurrency: number): number => {
    const found = summaries.find(
      (each) => each.database === database && each.contestant === contestant && each.concurrency === concurrency,
    );
    return found === undefined ? Number.NaN : of(found);
  };
  const svg = lineChart({
    ...{ title, yTitle, xTitle: "at a time", xLabels: concurrencies.map(String) },
    panels: names.map((database) => ({
      title: database,
      lines: contestants.map((contestant) => ({
        name: contestant.name,
        values: concurrencies.map((concurrency) => valueOf(database, contestant.name, concurrency)),
        strong: contestant.name.startsWith("dynatx"),
      })),
    })),
  });
  return { name, alt: `${title}, by how many are at it at a time, on ${names.join(" and ")}`, svg };
}

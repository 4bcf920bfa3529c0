import { barChart } from "../framework/bar-chart.js";
import { numberText } from "../framework/scale.js";
import type { Table } from "../framework/table.js";
import type { SuiteResult } from "../suite.js";
import { baseline, contestants } from "./contestants/index.js";
import type { Summary } from "./summary.js";

const columns = ["", "commits/s", "by one by one (quartiles)", "requests/commit", "p50 ms", "p95 ms", "p99 ms"];
/** What the README shows beside the baseline. */
const shown = "dynatx";

/** One workload on one server or ensemble: a table, a panel of the plot, and a row of the README. */
interface Place {
  readonly ground: string;
  readonly workload: string;
  /** In the order of the contestants. */
  readonly own: readonly Summary[];
}

/** The tables and the plot of what was measured, and what was promised and not kept. */
export function reported(summaries: readonly Summary[]): SuiteResult {
  const titles = new Map(summaries.map(({ ground, workload }) => [`${ground}: ${workload}`, { ground, workload }]));
  const places = [...titles].map(([title, { ground, workload }]) => {
    const here = summaries.filter((each) => each.ground === ground && each.workload === workload);
    const own = contestants.flatMap(({ name }) => here.filter(({ contestant }) => contestant === name));
    return { title, ground, workload, own };
  });
  const title = "Commits each second on ZooKeeper, by those of one request after the other";
  const svg = barChart({
    title,
    reference: { value: 1, label: baseline.name },
    panels: places.map((place) => ({
      title: place.title,
      bars: place.own.map(({ contestant, ratio }) => ({
        name: contestant,
        value: ratio,
        strong: contestant.startsWith("dynatx"),
      })),
    })),
  });
  return {
    tables: places.map((place) => ({ title: place.title, columns, rows: place.own.map(rowOf) })),
    plots: [{ name: "zookeeper", alt: title, svg }],
    contestants: {
      title: "What each does",
      columns: ["contestant", "one commit"],
      rows: contestants.map(({ name, does }) => [name, does]),
    },
    headline: headlineOf(places),
    data: summaries,
    failures: summaries.flatMap(failuresOf),
  };
}

function rowOf(summary: Summary): readonly string[] {
  const { contestant, commitsPerSecond, ratio, requestsPerCommit, p50Ms, p95Ms, p99Ms } = summary;
  return [
    contestant,
    numberText(commitsPerSecond.median),
    `${numberText(ratio.median)} (${numberText(ratio.low)}–${numberText(ratio.high)})`,
    ...[requestsPerCommit, p50Ms, p95Ms, p99Ms].map(numberText),
  ];
}

function headlineOf(places: readonly Place[]): Table {
  return {
    title: "Commits each second on ZooKeeper",
    columns: ["", baseline.name, shown, "ratio", "requests/commit"],
    rows: places.map(({ ground, workload, own }) => {
      const [base, dynatx] = [baseline.name, shown].map((name) => own.find(({ contestant }) => contestant === name));
      if (base === undefined || dynatx === undefined) throw new Error(`${ground} was measured without ${shown}`);
      return [
        `${ground}: ${workload}`,
        ...[base, dynatx].map(({ commitsPerSecond }) => numberText(commitsPerSecond.median)),
        numberText(dynatx.ratio.median),
        `${numberText(base.requestsPerCommit)} / ${numberText(dynatx.requestsPerCommit)}`,
      ];
    }),
  };
}

function failuresOf({ ground, workload, contestant, surplus, imbalance }: Summary): string[] {
  const where = `${contestant} on ${ground}, ${workload}`;
  const failures = [];
  if (surplus !== 0) failures.push(`${where}: what the records hold and what was acknowledged differ by ${surplus}`);
  if (imbalance !== 0) failures.push(`${where}: the sum of all balances is off by ${imbalance}`);
  return failures;
}

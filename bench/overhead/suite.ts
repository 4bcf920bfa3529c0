import { barChart } from "../framework/bar-chart.js";
import { costOf } from "../framework/cost.js";
import type { Cost } from "../framework/cost.js";
import { seededFractions } from "../framework/random.js";
import { interleave } from "../framework/rounds.js";
import { median, ratios, spread } from "../framework/statistics.js";
import type { Spread } from "../framework/statistics.js";
import type { Table } from "../framework/table.js";
import type { BenchOptions, Plot, Suite, SuiteResult } from "../suite.js";
import { operations, titles } from "./contestant.js";
import type { Contestant, Operation } from "./contestant.js";
import { baseline, contestants, control } from "./contestants/index.js";
import { stubbedWork } from "./work.js";
import type { Work } from "./work.js";

/**
 * In a slice of a round each runs as often as fits into `sliceUs`: a fast one often, a slow one less. All are warmed up
 * equally often. It takes long, because the code of each has only its own calls to be compiled by, while the SDK's, which
 * is nearly all of the baseline's, is compiled by the calls of everybody.
 */
const defaults = { rounds: 100, sliceUs: 15_000, first: 200, warmUp: 600 };
const quick = { rounds: 3, sliceUs: 2000, first: 5, warmUp: 5 };

/** What one operation of one contestant came to. */
interface Measured {
  readonly contestant: string;
  readonly operation: Operation;
  readonly timeUs: number;
  readonly cpuUs: number;
  /** By the baseline's of the same round. */
  readonly timeRatio: Spread;
  readonly cpuRatio: Spread;
}

/** What a contestant does in each round. */
interface Slice {
  readonly one: Work;
  readonly times: number;
}

/** What the client costs: everything but the network. */
export const overhead: Suite = { name: "overhead", run };

async function run(options: BenchOptions): Promise<SuiteResult> {
  const { sliceUs, first, warmUp, ...plan } = options.quick ? quick : defaults;
  const rounds = options.rounds ?? plan.rounds;
  const fraction = seededFractions(options.seed);
  const measured: Measured[] = [];
  for (const operation of operations) {
    options.log(`overhead: ${titles[operation]}, ${rounds} rounds`);
    // Made when it is needed: what comes later (a first transaction turns on Node's context tracking) slows nobody down before.
    const able = contestants.filter((contestant) => contestant.does[operation] !== undefined);
    // Once in vain: the engine lays out the first objects of a kind otherwise than the later ones, so that the first client
    // of the process, which is the baseline's, stays slower than the others.
    for (const contestant of able) await costOf(await stubbedWork(contestant, operation), first);
    const work = new Map<Contestant, Slice>();
    for (const contestant of able) {
      const one = await stubbedWork(contestant, operation);
      const { cpuUs } = await costOf(one, warmUp);
      work.set(contestant, { one, times: Math.max(3, Math.round(sliceUs / cpuUs)) });
    }
    const measure = (about: number) =>
      interleave([...work], { rounds: about, fraction }, ([, { one, times }]) => costOf(one, times));
    await measure(Math.ceil(rounds / 10)); // until all of them have settled
    const costs = await measure(rounds);
    measured.push(...compared(operation, costs));
  }
  return reported(measured);
}

function compared(operation: Operation, costs: ReadonlyMap<readonly [Contestant, Slice], readonly Cost[]>): Measured[] {
  const base = [...costs].find(([[contestant]]) => contestant === baseline)?.[1] ?? [];
  return [...costs].map(([[{ name }], own]) => {
    const of = (pick: (cost: Cost) => number) => ({ own: own.map(pick), base: base.map(pick) });
    const [time, cpu] = [of(({ timeUs }) => timeUs), of(({ cpuUs }) => cpuUs)];
    return {
      contestant: name,
      operation,
      timeUs: median(time.own),
      cpuUs: median(cpu.own),
      timeRatio: spread(ratios(time.own, time.base)),
      cpuRatio: spread(ratios(cpu.own, cpu.base)),
    };
  });
}

function reported(measured: readonly Measured[]): SuiteResult {
  const find = (contestant: string, operation: Operation): Measured | undefined =>
    measured.find((each) => each.contestant === contestant && each.operation === operation);
  const table = (title: string, show: (measured: Measured) => string, shown = contestants): Table => ({
    title,
    columns: ["", ...operations.map((operation) => titles[operation])],
    rows: shown.map(({ name }) => [
      name,
      ...operations.map((operation) => {
        const found = find(name, operation);
        return found === undefined ? "–" : show(found);
      }),
    ]),
  });
  return {
    tables: [
      table("CPU by DocumentClient's: median of rounds (quartiles)", ({ cpuRatio }) => ratioText(cpuRatio)),
      table("Time by DocumentClient's: median of rounds (quartiles)", ({ timeRatio }) => ratioText(timeRatio)),
      table(
        "Time and CPU of one operation, in µs",
        ({ timeUs, cpuUs }) => `${timeUs.toFixed(0)} / ${cpuUs.toFixed(0)}`,
      ),
    ],
    headline: table(
      "Client CPU by DocumentClient's",
      ({ cpuRatio }) => cpuRatio.median.toFixed(2),
      contestants.filter((contestant) => contestant !== control),
    ),
    plots: [plotOf(find)],
    contestants: {
      title: "What each does",
      columns: ["contestant", ...operations.map((operation) => titles[operation])],
      rows: contestants.map(({ name, does }) => [name, ...operations.map((operation) => does[operation] ?? "–")]),
    },
    data: measured,
    failures: [],
  };
}

function ratioText({ median, low, high }: Spread): string {
  return `${median.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`;
}

function plotOf(find: (contestant: string, operation: Operation) => Measured | undefined): Plot {
  const panels = operations.map((operation) => ({
    title: titles[operation],
    bars: contestants.flatMap(({ name }) => {
      const found = find(name, operation);
      return found === undefined ? [] : [{ name, value: found.cpuRatio, strong: name.startsWith("dynatx") }];
    }),
  }));
  return {
    name: "overhead",
    alt: "Client CPU of each operation by that of DocumentClient alone",
    svg: barChart({
      title: "Client CPU of one operation, by DocumentClient's (less is better)",
      panels,
      reference: { value: 1, label: "DocumentClient" },
    }),
  };
}

import { parseArgs } from "node:util";

export interface CommandLine {
  /** The suites to run; none named: all. */
  readonly suites: readonly string[];
  readonly rounds: number | undefined;
  readonly seconds: number | undefined;
  readonly lostReplies: number | undefined;
  readonly quick: boolean;
  readonly seed: number;
  /** The folder that holds `README.md` and `docs/`. */
  readonly out: string | undefined;
}

export const usage = `npm run bench -- [suite ...] [options]

  --rounds <n>        rounds; a ratio is the median over them
  --seconds <s>       how long each cell of the hot item, and on ZooKeeper, runs in each round
  --lost-replies <n>  how many replies the lost-replies suite loses
  --seed <n>          of the order within rounds, and of faults
  --quick             a smoke run of half a minute: the numbers mean nothing, and go to .tmp/bench
  --out <folder>      where to write instead of the project's README.md and docs/`;

/** Throws an error with a message for people. */
export function commandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: "string" },
      seconds: { type: "string" },
      "lost-replies": { type: "string" },
      seed: { type: "string" },
      quick: { type: "boolean", default: false },
      out: { type: "string" },
    },
  });
  return {
    suites: positionals,
    rounds: positive("rounds", values.rounds),
    seconds: positive("seconds", values.seconds),
    lostReplies: positive("lost-replies", values["lost-replies"]),
    quick: values.quick,
    seed: positive("seed", values.seed) ?? 1,
    out: values.out,
  };
}

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new Error(`--${name} must be a number above 0, but it is ${text}`);
}

import type { Table } from "./framework/table.js";

/** What the command line asks for. A suite has defaults of its own for what is not said. */
export interface BenchOptions {
  readonly rounds: number | undefined;
  /** How long a cell of a contended suite is measured in each round. */
  readonly seconds: number | undefined;
  readonly lostReplies: number | undefined;
  /** Only to see that it runs: the numbers mean nothing. */
  readonly quick: boolean;
  /** For the order within rounds, and for faults. */
  readonly seed: number;
  /** Tells people how far it is. */
  readonly log: (text: string) => void;
}

export interface Plot {
  /** Its file is called so, with `.svg`. */
  readonly name: string;
  /** What it shows, for those who do not see it. */
  readonly alt: string;
  readonly svg: string;
}

/** What a suite found. */
export interface SuiteResult {
  readonly tables: readonly Table[];
  readonly plots: readonly Plot[];
  /** What each contestant does, exactly. */
  readonly contestants: Table;
  /** The few numbers that the README shows. */
  readonly headline: Table;
  /** Everything, for the JSON. */
  readonly data: unknown;
  /** Promises that were broken (a counter that is not exact): the run fails, after everything was written. */
  readonly failures: readonly string[];
}

export interface Suite {
  /** As the command line and the report's markers know it. */
  readonly name: string;
  run(options: BenchOptions): Promise<SuiteResult>;
}

import type { Operation, Step, Value } from "dynatx/testing";
import { append, read, remove } from "./notation.js";

export interface Shape {
  readonly operations: number;
  readonly processes: number;
  readonly keys: number;
  readonly maxSteps: number;
  /** The share of steps that delete. */
  readonly deletes?: number;
  /** The share of operations that fail, and of those with unknown outcome, of which half have happened. */
  readonly failed?: number;
  readonly unknown?: number;
  /** A list of a key is left alone once it has this many values. Default: no limit. */
  readonly maxLength?: number;
}

/** What a store may do wrong. */
export const weaknesses = [
  /** Everything is read as it was at the start; the operation fails if what it writes has changed since. */
  "writeSkew",
  /** Everything is read as it was at the start, and written back whatever has changed. */
  "lostUpdate",
  /** Operations that write nothing may see the lists of any earlier moment. */
  "staleRead",
  /** Now and then what an operation appends last to a list is appended twice. */
  "doubleApply",
  /** What failed may have happened. */
  "dirtyRead",
  /** Now and then a write is acknowledged, and does not happen. */
  "lostWrite",
  /** An operation's keys change one after the other, others come between. */
  "tornWrite",
] as const;

export type Weakness = (typeof weaknesses)[number];

type Lists = ReadonlyMap<string, readonly Value[]>;

/** What a store does that executes operations one at a time, each at a moment between its start and its end; or nearly so. */
export function simulatedHistory(shape: Shape, fraction: () => number, weakness?: Weakness): Operation[] {
  return new Simulation(shape, fraction, weakness).run();
}

interface Running {
  readonly process: number;
  readonly start: number;
  readonly before: Lists;
  operation?: Operation;
  /** What is to be written still. */
  late: (() => void)[];
}

class Simulation {
  readonly #shape: Shape;
  readonly #fraction: () => number;
  readonly #weakness: Weakness | undefined;
  #lists: Lists = new Map();
  readonly #past: Lists[] = [new Map()];
  #value = 0;
  #firstKey = 0;

  constructor(shape: Shape, fraction: () => number, weakness: Weakness | undefined) {
    this.#shape = shape;
    this.#fraction = fraction;
    this.#weakness = weakness;
  }

  run(): Operation[] {
    const history: Operation[] = [];
    const running = new Map<number, Running>();
    let begun = 0;
    for (let time = 1; begun < this.#shape.operations || running.size > 0; time++) {
      const process = this.#below(this.#shape.processes);
      const current = running.get(process);
      if (current === undefined) {
        if (begun >= this.#shape.operations) continue;
        begun++;
        running.set(process, { process, start: time, before: this.#lists, late: [] });
      } else if (current.operation === undefined) current.operation = this.#execute(current);
      else if (current.late.length > 0) current.late.shift()?.();
      else {
        const { operation } = current;
        history.push(operation.outcome === "unknown" ? operation : { ...operation, end: time });
        running.delete(process);
      }
    }
    return history;
  }

  #below(limit: number): number {
    return Math.floor(this.#fraction() * limit);
  }

  #execute(current: Running): Operation {
    const { failed = 0, unknown = 0 } = this.#shape;
    const chance = this.#fraction();
    const after = new Map(this.#seenBy(current));
    const found = new Map(after);
    const steps = this.#steps(after);
    const changed = [...new Set([...found.keys(), ...after.keys()])].filter((key) => found.get(key) !== after.get(key));
    if (changed.length === 0 && this.#weakness === "staleRead") {
      const past = new Map(this.#past[this.#below(this.#past.length)]);
      const { process, start } = current;
      return { process, start, end: 0, outcome: "ok", steps: steps.map((step) => this.#readAgain(step, past)) };
    }
    const conflict = this.#weakness === "writeSkew" && changed.some((key) => this.#lists.get(key) !== found.get(key));
    const { process, start } = current;
    const outcome = conflict || chance < failed ? "failed" : chance < failed + unknown ? "unknown" : "ok";
    if (this.#happens(outcome, conflict)) this.#write(current, changed, after);
    return outcome === "unknown" ? { process, start, outcome, steps } : { process, start, end: 0, outcome, steps };
  }

  #seenBy({ before }: Running): Lists {
    return this.#weakness === "writeSkew" || this.#weakness === "lostUpdate" ? before : this.#lists;
  }

  #happens(outcome: Operation["outcome"], conflict: boolean): boolean {
    if (outcome === "failed") return !conflict && this.#weakness === "dirtyRead";
    if (outcome === "unknown") return this.#fraction() < 0.5;
    return this.#weakness !== "lostWrite" || this.#fraction() < 0.8;
  }

  #write(current: Running, keys: readonly string[], after: Lists): void {
    const twice = this.#weakness === "doubleApply" && this.#fraction() < 0.2;
    const writes = keys.map((key) => () => {
      const list = after.get(key);
      const lists = new Map(this.#lists);
      if (list === undefined) lists.delete(key);
      else lists.set(key, twice ? [...list, ...list.slice(-1)] : list);
      this.#lists = lists;
      this.#past.push(lists);
    });
    writes.shift()?.();
    if (this.#weakness === "tornWrite") current.late = writes;
    else for (const write of writes) write();
  }

  /** Some steps, and their effect on the lists. */
  #steps(lists: Map<string, readonly Value[]>): Step[] {
    const { maxSteps, keys, deletes = 0, maxLength = Infinity } = this.#shape;
    return Array.from({ length: 1 + this.#below(maxSteps) }, (): Step => {
      const key = `k${this.#firstKey + this.#below(keys)}`;
      const list = lists.get(key) ?? [];
      const chance = this.#fraction();
      if (chance < deletes) {
        lists.delete(key);
        return remove(key);
      }
      if (chance < 0.5) return this.#readAgain(read(key, null), lists);
      lists.set(key, [...list, ++this.#value]);
      if (list.length + 1 >= maxLength) this.#firstKey += keys; // other keys from now on
      return append(key, this.#value);
    });
  }

  #readAgain(step: Step, lists: Lists): Step {
    if (step.type !== "read") return step;
    const list = lists.get(step.key) ?? [];
    return read(step.key, list.length === 0 && this.#fraction() < 0.5 ? null : list);
  }
}

/** Operations with steps at random that no store has executed: many are impossible, some by chance are not. */
export function arbitraryHistory(shape: Shape, fraction: () => number): Operation[] {
  const below = (limit: number): number => Math.floor(fraction() * limit);
  let value = 0;
  const values = new Map<string, Value[]>();
  const drafts = Array.from({ length: shape.operations }, (_, process) => {
    const start = below(2 * shape.operations);
    const steps = Array.from({ length: 1 + below(shape.maxSteps) }, (): Step => {
      const key = `k${below(shape.keys)}`;
      const chance = fraction();
      if (chance < (shape.deletes ?? 0)) return remove(key);
      if (chance < 0.5) return read(key, []);
      values.set(key, [...(values.get(key) ?? []), ++value]);
      return append(key, value);
    });
    return { process, start, end: start + below(shape.operations), steps };
  });
  // What is seen are mostly beginnings of one order of the values.
  const orders = new Map([...values].map(([key, list]) => [key, shuffled(list, fraction)]));
  return drafts.map(({ process, start, end, steps }): Operation => {
    const chance = fraction();
    const { failed = 0, unknown = 0 } = shape;
    const seen = steps.map((step): Step => {
      if (step.type !== "read") return step;
      const order = orders.get(step.key) ?? [];
      const list = fraction() < 0.1 ? shuffled(order, fraction) : order;
      return read(step.key, list.slice(0, below(list.length + 1)));
    });
    if (chance < unknown) return { process, start, outcome: "unknown", steps: seen };
    return { process, start, end, outcome: chance < unknown + failed ? "failed" : "ok", steps: seen };
  });
}

function shuffled<T>(items: readonly T[], fraction: () => number): T[] {
  const left = [...items];
  return items.flatMap(() => left.splice(Math.floor(fraction() * left.length), 1));
}

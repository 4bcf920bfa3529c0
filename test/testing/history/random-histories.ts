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

/** A moment of an operation: its start, its effect, its end. */
interface Pending {
  readonly process: number;
  readonly start: number;
  operation?: Operation;
}

/** What a store does that executes operations one at a time, each at a moment between its start and its end. */
export function serializableHistory(shape: Shape, fraction: () => number): Operation[] {
  const below = (limit: number): number => Math.floor(fraction() * limit);
  const lists = new Map<string, readonly Value[]>();
  const history: Operation[] = [];
  const running: (Pending | undefined)[] = Array.from({ length: shape.processes }, () => undefined);
  let value = 0;
  let firstKey = 0;
  let begun = 0;
  let time = 0;

  /** The steps on a copy of the lists, which become the lists when it happens. */
  function execute(happens: boolean): Step[] {
    const copy = new Map(lists);
    const steps = Array.from({ length: 1 + below(shape.maxSteps) }, (): Step => {
      const number = below(shape.keys);
      const key = `k${firstKey + number}`;
      const list = copy.get(key) ?? [];
      const chance = fraction();
      if (chance < (shape.deletes ?? 0)) {
        copy.delete(key);
        return remove(key);
      }
      if (chance < 0.5) return read(key, list.length === 0 && fraction() < 0.5 ? null : list);
      copy.set(key, [...list, ++value]);
      if (list.length + 1 >= (shape.maxLength ?? Infinity)) firstKey += shape.keys; // other keys from now on
      return append(key, value);
    });
    if (happens) for (const key of new Set([...lists.keys(), ...copy.keys()])) setOrDelete(key, copy.get(key));
    return steps;
  }
  function setOrDelete(key: string, list: readonly Value[] | undefined): void {
    if (list === undefined) lists.delete(key);
    else lists.set(key, list);
  }
  function effect({ process, start }: Pending): Operation {
    const chance = fraction();
    const { failed = 0, unknown = 0 } = shape;
    if (chance < failed) return { process, start, end: 0, outcome: "failed", steps: execute(false) };
    if (chance < failed + unknown) return { process, start, outcome: "unknown", steps: execute(fraction() < 0.5) };
    return { process, start, end: 0, outcome: "ok", steps: execute(true) };
  }

  while (begun < shape.operations || running.some(Boolean)) {
    const process = below(shape.processes);
    const pending = running[process];
    time++;
    if (pending === undefined) {
      if (begun < shape.operations) running[process] = { process, start: time };
      if (begun < shape.operations) begun++;
    } else if (pending.operation === undefined) pending.operation = effect(pending);
    else {
      const { operation } = pending;
      history.push(operation.outcome === "unknown" ? operation : { ...operation, end: time });
      running[process] = undefined;
    }
  }
  return history;
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

import type { Graph } from "./graph.js";
import type { KeyVersions, Lifetime } from "./lifetime.js";
import { endOf } from "./operation.js";
import type { History } from "./operation.js";

/** A time in which a key had one list, or for one operation none: no two of a key overlap. */
interface Span {
  /** `undefined`: an operation that found none. */
  readonly lifetime: Lifetime | undefined;
  /** The earliest end and the latest start of the operations that knew it. */
  readonly ended: number;
  readonly started: number;
  /** The node of whoever was first. */
  readonly first: number;
  /** The node of whoever was last, or of all who may have been. */
  readonly last: number;
}

/** Two spans whose order is known, for explanations. */
export interface SpanPair {
  readonly key: string;
  /** `undefined`: the list was absent. */
  readonly before: Lifetime | undefined;
  readonly after: Lifetime | undefined;
  /** Whether it is known by time, or because the second list was never deleted. */
  readonly byTime: boolean;
}

/**
 * The order of the lists that a key has had one after the other, and of the times between, as far as it is known: a list
 * that was never deleted is the last; and one that an operation knew that had ended when an operation began that knew
 * another came before this other. Pairs are added to `pairs`.
 */
export function addLifetimeOrder(graph: Graph, versions: KeyVersions, history: History, pairs: SpanPair[]): void {
  const { lifetimes, absences } = versions;
  const [only] = lifetimes;
  if (only === undefined || (lifetimes.length === 1 && absences.length === 0)) return;
  const { key } = only;
  const spans = [
    ...lifetimes.filter(({ writers }) => writers.length > 0).map((lifetime) => spanOf(lifetime, graph, history)),
    ...absences.map((operation): Span => {
      const [started, ended] = timesOf(operation, history);
      return { lifetime: undefined, ended, started, first: operation, last: operation };
    }),
  ].toSorted((a, b) => a.ended - b.ended);
  const order = (before: Span, after: Span, byTime: boolean): void => {
    const pair = pairs.push({ key, before: before.lifetime, after: after.lifetime, byTime }) - 1;
    graph.add(before.last, after.first, graph.isOperation(before.last) ? "lifetime" : "pass", pair);
  };
  const final = spans.find(({ lifetime }) => lifetime?.closers.length === 0 && !lifetime.mayBeClosed);
  for (const span of spans) {
    if (final !== undefined && span !== final) order(span, final, false);
    orderByTime(span, spans, (before) => order(before, span, true));
  }
}

/**
 * Those before a span: what had ended when it was last entered. From the latest back, and no further than to where the
 * rest is known to come before one of those already found; so it is a few, however long the history.
 */
function orderByTime(span: Span, spans: readonly Span[], found: (before: Span) => void): void {
  let latestStart = -Infinity;
  for (let i = firstNotBelow(spans, span.started) - 1; i >= 0; i--) {
    const before = spans[i];
    if (before === undefined || before === span) continue;
    if (before.ended < latestStart) return;
    found(before);
    latestStart = Math.max(latestStart, before.started);
  }
}

/** The index of the first span that had not ended before a time. */
function firstNotBelow(spans: readonly Span[], time: number): number {
  let low = 0;
  let high = spans.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((spans[middle]?.ended ?? Infinity) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function spanOf(lifetime: Lifetime, graph: Graph, history: History): Span {
  const { readers, writers, closers, ordered } = lifetime;
  let ended = Infinity;
  let started = -Infinity;
  const take = (operation: number): void => {
    const [start, end] = timesOf(operation, history);
    ended = Math.min(ended, end);
    started = Math.max(started, start);
  };
  for (const { operation } of readers) take(operation);
  writers.forEach(take);
  closers.forEach(take);
  const first = writers[0] ?? -1; // never -1: a lifetime begins with its first value
  const [closer] = closers;
  if (closer !== undefined) return { lifetime, ended, started, first, last: closer };
  const last = graph.addNode();
  for (const { operation, length } of readers) if (length === ordered) graph.add(operation, last, "lifetime");
  for (const operation of writers.slice(Math.max(0, ordered - 1))) graph.add(operation, last, "lifetime");
  return { lifetime, ended, started, first, last };
}

function timesOf(operation: number, history: History): readonly [number, number] {
  const found = history[operation];
  return found === undefined ? [0, Infinity] : [found.start, endOf(found)]; // never undefined
}

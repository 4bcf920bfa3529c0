import type { Anomaly, CycleEdge } from "./anomaly.js";
import { deletion } from "./dependencies.js";
import type { EdgeOrigin, Graph } from "./graph.js";
import type { SpanPair } from "./lifetime-order.js";
import type { Lifetime } from "./lifetime.js";
import type { History } from "./operation.js";
import { listText, operationText, valueText } from "./text.js";

/** What the numbers of a graph's edges stand for. */
export interface GraphSources {
  readonly lifetimes: readonly Lifetime[];
  readonly pairs: readonly SpanPair[];
}

/** Edges from one operation to the next: one, or some by way of nodes that are no operations. */
interface Section {
  readonly from: number;
  readonly to: number;
  readonly origins: readonly EdgeOrigin[];
}

/** A circle as users see it. */
export function cycleAnomaly(graph: Graph, cycle: readonly number[], sources: GraphSources, history: History): Anomaly {
  const sections = sectionsOf(graph, cycle);
  const edges = sections.map((section) => edgeOf(section, sources, history));
  const realTime = edges.some(({ kind }) => kind === "realTime" || kind === "lifetime");
  const name = nameOf(sections.map((section) => effectOf(section, sources)));
  const operations = edges.map(({ from }) => history[from] && operationText(from, history[from]));
  const whys = edges.map(({ from, to, why }) => `T${from} before T${to}: ${why}`);
  const title = `${name}${realTime ? " in real time" : ""}: each of these must come before the next, in a circle`;
  return { kind: "cycle", name, realTime, edges, explanation: [title, ...operations, ...whys].join("\n  ") };
}

function nameOf(effects: readonly string[]): "G0" | "G1c" | "G-single" | "G2" {
  const antidependencies = effects.filter((effect) => effect === "rw").length;
  if (antidependencies > 0) return antidependencies > 1 ? "G2" : "G-single";
  return effects.includes("wr") ? "G1c" : "G0";
}

/** What an edge counts as: to have found no list is not to have seen the next, or to have seen the deletion. */
function effectOf({ origins }: Section, { pairs }: GraphSources): string {
  const kind = origins[0]?.kind ?? "pass"; // there is one
  const pair = kind === "lifetime" ? pairs[origins.at(-1)?.source ?? -1] : undefined;
  if (pair === undefined) return kind;
  if (pair.before === undefined) return "rw";
  return pair.after === undefined ? "wr" : "ww";
}

/** From the operation with the lowest index on. */
function sectionsOf(graph: Graph, cycle: readonly number[]): readonly Section[] {
  const starts = cycle.map((edge) => graph.from(edge));
  const lowest = Math.min(...starts.filter((node) => graph.isOperation(node)));
  const at = starts.indexOf(lowest);
  const sections: { from: number; to: number; origins: EdgeOrigin[] }[] = [];
  for (const edge of [...cycle.slice(at), ...cycle.slice(0, at)]) {
    if (graph.isOperation(graph.from(edge))) sections.push({ from: graph.from(edge), to: -1, origins: [] });
    const section = sections.at(-1);
    if (section === undefined) continue; // never: the first edge leaves an operation
    section.to = graph.to(edge);
    section.origins.push(graph.origin(edge));
  }
  return sections;
}

function edgeOf({ from, to, origins }: Section, sources: GraphSources, history: History): CycleEdge {
  const [first] = origins;
  const last = origins.at(-1);
  switch (first?.kind) {
    case undefined:
    case "pass": // never: a section begins with an edge that leaves an operation
    case "realTime": {
      const why = `T${from} had ended (at ${history[from]?.end}) when T${to} began (at ${history[to]?.start})`;
      return { from, to, kind: "realTime", why };
    }
    case "lifetime": {
      const pair = sources.pairs[last?.source ?? -1];
      return { from, to, kind: "lifetime", why: pair === undefined ? "" : pairText(pair) };
    }
    case "ww":
    case "wr":
    case "rw": {
      const lifetime = sources.lifetimes[first.source];
      const why = lifetime === undefined ? "" : dependencyText(from, to, first, last?.position, lifetime);
      return { from, to, kind: first.kind, why };
    }
  }
}

function pairText({ key, before, after, byTime }: SpanPair): string {
  const text = (lifetime: Lifetime | undefined): string =>
    lifetime === undefined ? "no list" : `the list that begins ${listText(lifetime.values.slice(0, 1))}`;
  const why = byTime
    ? "an operation that knew the former had ended when one began that knew the latter"
    : "the latter was never deleted";
  return `of ${key} there was ${text(before)}, and then ${text(after)}: ${why}`;
}

/** The position is that of the value at the end of the edge, or `deletion`. */
function dependencyText(
  from: number,
  to: number,
  { kind, position: start }: EdgeOrigin,
  position = start,
  { key, values, ordered }: Lifetime,
): string {
  const value = (index: number): string => valueText(values[index] ?? ""); // never "": positions are in the list
  const seen = listText(values.slice(0, start === deletion ? ordered : start));
  if (kind === "wr") return `T${to} saw ${value(position)} in ${key}, which T${from} appended`;
  if (start === deletion)
    return kind === "rw"
      ? `T${from} saw ${key} as ${seen}, before T${to} deleted it`
      : `T${from} appended to the list of ${key} that T${to} deleted`;
  if (kind === "rw") return `T${from} saw ${key} as ${seen}, before T${to} appended ${value(position)}`;
  return `T${from} appended ${value(start - 1)} to ${key}, before T${to} appended ${value(position)}`;
}

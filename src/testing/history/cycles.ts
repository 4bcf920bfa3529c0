import { ComponentFinder, nodesOf } from "./components.js";
import { edgeKinds } from "./graph.js";
import type { Graph } from "./graph.js";
import { PathFinder } from "./shortest-path.js";

const { ww, wr, rw, realTime, lifetime } = edgeKinds;
const inTime = realTime | lifetime;

/** What circles are looked for, the gravest first: along which edges, and whether with one `rw` among them. */
const searches: readonly { readonly kinds: number; readonly single?: boolean }[] = [
  { kinds: ww },
  { kinds: ww | wr },
  { kinds: ww | wr, single: true },
  { kinds: ww | wr | rw },
  { kinds: ww | inTime },
  { kinds: ww | wr | inTime },
  { kinds: ww | wr | inTime, single: true },
  { kinds: ww | wr | rw | inTime },
];

/** For each strongly connected component the edges of one circle: of the gravest kind in it, and among those a shortest. */
export function* cyclesOf(graph: Graph): Iterable<readonly number[]> {
  const components = new ComponentFinder(graph);
  const paths = new PathFinder(graph);
  for (const component of components.find(nodesOf(graph), ww | wr | rw | inTime)) {
    const cycle = gravest(graph, component, components, paths);
    if (cycle !== undefined) yield cycle;
  }
}

function gravest(graph: Graph, component: readonly number[], components: ComponentFinder, paths: PathFinder) {
  for (const { kinds, single = false } of searches) {
    const inner = components.find(component, single ? kinds | rw : kinds);
    let best: readonly number[] | undefined;
    for (const nodes of inner) {
      paths.within(nodes);
      const found = single ? shortestSingle(graph, nodes, kinds, paths) : shortest(graph, nodes, kinds, paths);
      if (found !== undefined && (best === undefined || lengthOf(graph, found) < lengthOf(graph, best))) best = found;
    }
    if (best !== undefined) return best;
  }
  return undefined;
}

/** A shortest circle. */
function shortest(graph: Graph, nodes: readonly number[], kinds: number, paths: PathFinder) {
  let best: readonly number[] | undefined;
  for (const node of nodes) {
    if (!graph.isOperation(node)) continue;
    if (best !== undefined && paths.exhausted) return best;
    best = paths.find(node, node, kinds, lengthOf(graph, best)) ?? best;
    if (lengthOf(graph, best) === 2) return best; // there is no shorter one
  }
  return best;
}

/** A shortest circle of one `rw` and edges of other kinds. */
function shortestSingle(graph: Graph, nodes: readonly number[], kinds: number, paths: PathFinder) {
  let best: readonly number[] | undefined;
  for (const node of nodes) {
    const end = graph.firstPlace(node + 1);
    for (let place = graph.firstPlace(node); place < end; place++) {
      const edge = graph.edgeAt(place);
      if (graph.bit(edge) !== rw || !paths.contains(graph.to(edge))) continue;
      if (paths.exhausted) return best;
      const back = paths.find(graph.to(edge), node, kinds, lengthOf(graph, best) - 1);
      if (back !== undefined) best = [edge, ...back];
      if (lengthOf(graph, best) === 2) return best;
    }
  }
  return best;
}

/** How many operations are on it. */
function lengthOf(graph: Graph, edges: readonly number[] | undefined): number {
  return edges?.filter((edge) => graph.isOperation(graph.from(edge))).length ?? Infinity;
}

import { edgeKinds } from "./graph.js";
import type { Graph } from "./graph.js";

/** How many edges are walked at most for one history: then a short circle is good enough. */
const maxWalked = 20_000_000;

/** Finds shortest ways, counted in operations, inside one set of nodes. */
export class PathFinder {
  readonly #graph: Graph;
  readonly #members: Int32Array;
  readonly #reached: Int32Array; // in which search
  readonly #distance: Int32Array;
  readonly #edge: Int32Array; // by which the node was reached
  #set = 0;
  #searches = 0;
  #walked = 0;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#members = new Int32Array(graph.nodes);
    this.#reached = new Int32Array(graph.nodes);
    this.#distance = new Int32Array(graph.nodes);
    this.#edge = new Int32Array(graph.nodes);
  }

  get exhausted(): boolean {
    return this.#walked > maxWalked;
  }

  /** The nodes that ways may touch from now on. */
  within(nodes: readonly number[]): void {
    this.#set++;
    for (const node of nodes) this.#members[node] = this.#set;
  }

  contains(node: number): boolean {
    return this.#members[node] === this.#set;
  }

  /**
   * The edges of a shortest way along `kinds` from a node to a node, which may be the same one; `undefined` when there is
   * none with fewer than `limit` operations left on it. Leaving an operation counts one, leaving another node nothing.
   */
  find(from: number, target: number, kinds: number, limit = Infinity): readonly number[] | undefined {
    const allowed = kinds | edgeKinds.pass;
    this.#searches++;
    this.#reached[from] = this.#searches;
    this.#distance[from] = 0;
    let best = limit;
    let last: number | undefined;
    let level = [from];
    for (let distance = 0; level.length > 0 && distance < best; distance++) {
      const next: number[] = [];
      // It grows while it is walked.
      for (const node of level) {
        if (this.#distance[node] !== distance) continue; // a shorter way to it was found meanwhile
        const beyond = this.#graph.isOperation(node) ? distance + 1 : distance;
        const end = this.#graph.firstPlace(node + 1);
        for (let place = this.#graph.firstPlace(node); place < end; place++) {
          const edge = this.#graph.edgeAt(place);
          if ((this.#graph.bit(edge) & allowed) === 0) continue;
          this.#walked++;
          const to = this.#graph.to(edge);
          if (to === target && beyond < best) {
            best = beyond;
            last = edge;
          } else if (to !== target && this.#reach(to, edge, beyond)) (beyond === distance ? level : next).push(to);
        }
      }
      level = next;
    }
    return last === undefined ? undefined : this.#way(from, last);
  }

  #reach(node: number, edge: number, distance: number): boolean {
    if (!this.contains(node)) return false;
    if (this.#reached[node] === this.#searches && (this.#distance[node] as number) <= distance) return false; // the cast: a node
    this.#reached[node] = this.#searches;
    this.#distance[node] = distance;
    this.#edge[node] = edge;
    return true;
  }

  #way(from: number, last: number): readonly number[] {
    const edges = [last];
    for (let node = this.#graph.from(last); node !== from;) {
      const edge = this.#edge[node] as number; // true: it is a node
      edges.push(edge);
      node = this.#graph.from(edge);
    }
    return edges.toReversed();
  }
}

import { edgeKinds } from "./graph.js";
import type { Graph } from "./graph.js";

/**
 * The strongly connected components of more than one node, among `nodes` and along edges of `kinds` (Tarjan, with a
 * stack of its own: chains are as long as histories).
 */
export class ComponentFinder {
  readonly #graph: Graph;
  readonly #visit: Int32Array; // the order of discovery, from 1; 0: not yet
  readonly #low: Int32Array;
  readonly #place: Int32Array; // how far the edges of a node have been walked
  readonly #onStack: Uint8Array;
  /** Which search a node takes part in; others are not entered. */
  readonly #member: Int32Array;
  #searches = 0;

  constructor(graph: Graph) {
    this.#graph = graph;
    const size = graph.nodes;
    this.#visit = new Int32Array(size);
    this.#low = new Int32Array(size);
    this.#place = new Int32Array(size);
    this.#onStack = new Uint8Array(size);
    this.#member = new Int32Array(size);
  }

  find(nodes: Iterable<number>, kinds: number): number[][] {
    const members = [...nodes];
    this.#searches++;
    for (const node of members) {
      this.#member[node] = this.#searches;
      this.#visit[node] = 0;
    }
    const components: number[][] = [];
    const counter = { visits: 0 };
    for (const node of members)
      if (this.#visit[node] === 0) this.#walk(node, kinds | edgeKinds.pass, counter, components);
    return components;
  }

  #walk(root: number, kinds: number, counter: { visits: number }, components: number[][]): void {
    const graph = this.#graph;
    const path: number[] = [];
    const stack: number[] = [];
    const enter = (node: number): void => {
      this.#visit[node] = this.#low[node] = ++counter.visits;
      this.#place[node] = graph.firstPlace(node);
      this.#onStack[node] = 1;
      path.push(node);
      stack.push(node);
    };
    enter(root);
    for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
      const place = this.#place[node] as number; // the casts: nodes are below the size of the arrays
      if (place < graph.firstPlace(node + 1)) {
        this.#place[node] = place + 1;
        const edge = graph.edgeAt(place);
        const to = graph.to(edge);
        if ((graph.bit(edge) & kinds) === 0 || this.#member[to] !== this.#searches) continue;
        if (this.#visit[to] === 0) enter(to);
        else if (this.#onStack[to] === 1) this.#lower(node, this.#visit[to] as number);
        continue;
      }
      path.pop();
      const below = path.at(-1);
      if (below !== undefined) this.#lower(below, this.#low[node] as number);
      if (this.#low[node] === this.#visit[node]) this.#close(node, stack, components);
    }
  }

  #lower(node: number, to: number): void {
    this.#low[node] = Math.min(this.#low[node] as number, to); // the cast: as above
  }

  #close(root: number, stack: number[], components: number[][]): void {
    const component: number[] = [];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      this.#onStack[node] = 0;
      component.push(node);
      if (node === root) break;
    }
    if (component.length > 1) components.push(component);
  }
}

/** All nodes of a graph. */
export function* nodesOf(graph: Graph): Iterable<number> {
  for (let node = 0; node < graph.nodes; node++) yield node;
}

import { IntList } from "./int-list.js";

/** Why one node comes before another, each a bit, so that a search can take some of them. */
export const edgeKinds = {
  ww: 1,
  wr: 2,
  rw: 4,
  realTime: 8,
  lifetime: 16,
  /** From a node that is no operation, and stands for many edges: it continues the edge before. */
  pass: 32,
} as const;

export type EdgeKind = keyof typeof edgeKinds;

/** What an edge stands for, in numbers that only who made it reads. */
export interface EdgeOrigin {
  readonly kind: EdgeKind;
  /** The index of the lifetime, or of the pair of lifetimes. */
  readonly source: number;
  /** The index of a value in the lifetime. */
  readonly position: number;
}

// The cast: the names of an object of these names.
const kindNames = Object.keys(edgeKinds) as EdgeKind[];

/** Operations (the first nodes) and what must come before what. Nodes and edges are numbers. */
export class Graph {
  readonly operations: number;
  readonly #from = new IntList();
  readonly #to = new IntList();
  readonly #bits = new IntList();
  readonly #sources = new IntList();
  readonly #positions = new IntList();
  #nodes: number;
  /** The edges by the node they leave; made when the first is asked for. */
  #index: { readonly offsets: Int32Array; readonly edges: Int32Array } | undefined;

  constructor(operations: number) {
    this.operations = operations;
    this.#nodes = operations;
  }

  get nodes(): number {
    return this.#nodes;
  }

  isOperation(node: number): boolean {
    return node < this.operations;
  }

  /** A node that is no operation: edges to and from it stand for edges from all of those to all of these. */
  addNode(): number {
    return this.#nodes++;
  }

  add(from: number, to: number, kind: EdgeKind, source = -1, position = -1): void {
    if (from === to) return; // it may see its own appends, or make the next list itself
    this.#from.push(from);
    this.#to.push(to);
    this.#bits.push(edgeKinds[kind]);
    this.#sources.push(source);
    this.#positions.push(position);
    this.#index = undefined;
  }

  from(edge: number): number {
    return this.#from.at(edge);
  }

  to(edge: number): number {
    return this.#to.at(edge);
  }

  /** The kind of an edge as its bit. */
  bit(edge: number): number {
    return this.#bits.at(edge);
  }

  origin(edge: number): EdgeOrigin {
    const bit = this.bit(edge);
    const kind = kindNames.find((name) => edgeKinds[name] === bit) ?? "pass"; // every bit has a name
    return { kind, source: this.#sources.at(edge), position: this.#positions.at(edge) };
  }

  /** The first of the places where the edges that leave a node stand; they end where the next node's begin. */
  firstPlace(node: number): number {
    return this.#indexed().offsets[node] as number; // true: there is one more than there are nodes
  }

  /** The edge at a place. */
  edgeAt(place: number): number {
    return this.#indexed().edges[place] as number; // true: places are below the count of edges
  }

  #indexed() {
    return (this.#index ??= this.#makeIndex());
  }

  #makeIndex() {
    const offsets = new Int32Array(this.#nodes + 1);
    const count = this.#from.length;
    // The casts: nodes are below their count.
    for (let edge = 0; edge < count; edge++) (offsets[this.from(edge) + 1] as number)++;
    for (let node = 0; node < this.#nodes; node++) (offsets[node + 1] as number) += offsets[node] as number;
    const next = offsets.slice();
    const edges = new Int32Array(count);
    for (let edge = 0; edge < count; edge++) edges[(next[this.from(edge)] as number)++] = edge;
    return { offsets, edges };
  }
}

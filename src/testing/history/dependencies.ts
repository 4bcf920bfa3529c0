import type { Graph } from "./graph.js";
import type { Lifetime } from "./lifetime.js";

/** In the place of a value's position: the edge leads to who deleted the list. */
export const deletion = -2;

/** What follows from the versions of one list: who wrote after whom, who saw whose value, and who did not see it. */
export function addDependencies(graph: Graph, lifetime: Lifetime, source: number): void {
  const { writers, readers, ordered, closers } = lifetime;
  for (let position = 1; position < ordered; position++)
    graph.add(writerAt(lifetime, position - 1), writerAt(lifetime, position), "ww", source, position);
  for (const { operation, length } of readers) {
    if (length > 0) graph.add(writerAt(lifetime, length - 1), operation, "wr", source, length - 1);
    if (length < ordered) graph.add(operation, writerAt(lifetime, length), "rw", source, length);
  }
  if (writers.length > ordered) addUnseen(graph, lifetime, source);
  // Shorter lists lead to the longest along the edges above. Of many closers, two make a circle, and that is enough.
  for (const closer of closers.slice(0, 2)) {
    for (let position = Math.max(0, ordered - 1); position < writers.length; position++)
      graph.add(writerAt(lifetime, position), closer, "ww", source, deletion);
    for (const { operation, length } of readers)
      if (length === ordered) graph.add(operation, closer, "rw", source, deletion);
  }
}

/** What nobody saw came after what anybody saw. One node stands for "the longest list is over". */
function addUnseen(graph: Graph, lifetime: Lifetime, source: number): void {
  const { writers, readers, ordered } = lifetime;
  const over = graph.addNode();
  const last = writers[ordered - 1];
  // One that appended both has no order with itself; whoever saw the one without the other makes the circle.
  if (last !== undefined && !writers.slice(ordered).includes(last)) graph.add(last, over, "ww", source, ordered);
  // None of these has appended unseen itself: who saw the list knows the place of what he appends.
  for (const { operation, length } of readers)
    if (length === ordered) graph.add(operation, over, "rw", source, ordered);
  for (let position = ordered; position < writers.length; position++)
    graph.add(over, writerAt(lifetime, position), "pass", source, position);
}

/** A position below the count of the values. */
function writerAt({ writers }: Lifetime, position: number): number {
  return writers[position] as number; // true: there are as many writers as values
}

import type { Graph } from "./graph.js";
import type { History } from "./operation.js";
import type { Participants } from "./participants.js";

/**
 * What had ended when another began comes before it. One node for each end, chained in their order, stands for all those
 * pairs: an operation leads to the node of its end, and the last end before its start leads to an operation.
 */
export function addRealTime(graph: Graph, history: History, participants: Participants): void {
  const ended: { readonly operation: number; readonly end: number }[] = [];
  history.forEach(({ outcome, end }, operation) => {
    if (outcome === "ok" && end !== undefined) ended.push({ operation, end });
  });
  ended.sort((a, b) => a.end - b.end);
  const nodes: number[] = [];
  for (const { operation } of ended) {
    const node = graph.addNode();
    graph.add(operation, node, "realTime");
    const before = nodes.at(-1);
    if (before !== undefined) graph.add(before, node, "pass");
    nodes.push(node);
  }
  const started = history.map((_, operation) => operation).filter((operation) => participants.happened(operation));
  const start = (operation: number): number => history[operation]?.start ?? 0; // it is in the history
  started.sort((a, b) => start(a) - start(b));
  let past = 0;
  for (const operation of started) {
    while (past < ended.length && (ended[past]?.end ?? Infinity) < start(operation)) past++;
    const node = nodes[past - 1];
    if (node !== undefined) graph.add(node, operation, "pass");
  }
}

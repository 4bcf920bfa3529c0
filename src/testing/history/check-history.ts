import type { CheckOptions, HistoryReport } from "./anomaly.js";
import { cycleAnomaly } from "./cycle-anomaly.js";
import { cyclesOf } from "./cycles.js";
import { addDependencies } from "./dependencies.js";
import { Findings } from "./findings.js";
import type { Footprint } from "./footprint.js";
import { Graph } from "./graph.js";
import { versionsOf } from "./key-versions.js";
import { addLifetimeOrder } from "./lifetime-order.js";
import type { SpanPair } from "./lifetime-order.js";
import type { Lifetime } from "./lifetime.js";
import type { History } from "./operation.js";
import { Participants } from "./participants.js";
import { addRealTime } from "./real-time.js";

/**
 * Looks for what a strictly serializable store of lists cannot have done: one in which operations happen one at a time,
 * each at a moment between its start and its end, and see what those before them appended.
 *
 * - No false alarms: where it reports an anomaly, no such order explains the history, provided that every append and
 *   deletion of these keys is in it, values are unique for each key, and the keys had no list before (or only what the
 *   history appends).
 * - Without deletions, a history without anomaly is strictly serializable. Where lists are deleted and made anew, their
 *   order is taken from time and from lists that were never deleted, and some anomalies may be overlooked.
 * - Operations with unknown outcome count as happened if, and only if, one that happened saw their appends.
 *
 * Of operations that depend on each other in circles one circle is reported for each strongly connected component, of the
 * gravest kind in it and among those a shortest (in huge components: a short one). A key whose lists contradict each
 * other is reported as such, and takes no part in circles. Throws `ValidationError` for a history that no recorder
 * makes, and for a value that is appended to a key twice.
 */
export function checkHistory(history: History, options: CheckOptions = {}): HistoryReport {
  const findings = new Findings(options);
  const participants = new Participants(history);
  const graph = new Graph(history.length);
  const lifetimes: Lifetime[] = [];
  const pairs: SpanPair[] = [];
  history.forEach((_, operation) => {
    if (!participants.happened(operation)) return;
    for (const breach of participants.footprints(operation).breaches) findings.add(breach);
  });
  for (const footprints of byKey(history, participants)) {
    const versions = versionsOf(footprints, history, participants, findings);
    if (versions === undefined) continue;
    for (const lifetime of versions.lifetimes) addDependencies(graph, lifetime, lifetimes.push(lifetime) - 1);
    addLifetimeOrder(graph, versions, history, pairs);
  }
  addRealTime(graph, history, participants);
  for (const cycle of cyclesOf(graph)) findings.add(cycleAnomaly(graph, cycle, { lifetimes, pairs }, history));
  const { anomalies, omitted } = findings;
  return { valid: anomalies.length + omitted === 0, anomalies, omitted, counts: countsOf(history, participants) };
}

interface KeyFootprints {
  readonly key: string;
  readonly prints: Footprint[];
  readonly undecided: Footprint[];
}

function byKey(history: History, participants: Participants): Iterable<KeyFootprints> {
  const keys = new Map<string, KeyFootprints>();
  history.forEach((_, operation) => {
    const happened = participants.happened(operation);
    if (!happened && !participants.undecided(operation)) return; // it failed
    for (const print of participants.footprints(operation).prints) {
      let found = keys.get(print.key);
      if (found === undefined) keys.set(print.key, (found = { key: print.key, prints: [], undecided: [] }));
      (happened ? found.prints : found.undecided).push(print);
    }
  });
  return keys.values();
}

function countsOf(history: History, participants: Participants): HistoryReport["counts"] {
  const counts = { ok: 0, failed: 0, unknown: 0, unknownSeen: 0, reads: 0 };
  history.forEach(({ outcome, steps }, operation) => {
    counts[outcome]++;
    if (!participants.happened(operation)) return;
    if (outcome === "unknown") counts.unknownSeen++;
    for (const { type } of steps) if (type === "read") counts.reads++;
  });
  return counts;
}

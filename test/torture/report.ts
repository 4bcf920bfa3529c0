import type { TortureReport } from "./torture.js";

const shown = 12;

const listed = (counts: Iterable<readonly [string, number]>): string =>
  [...counts].map(([name, count]) => `${name} ${count}`).join(", ") || "none";

/** What a run has done and found, for people. */
export function reportText(report: TortureReport): string {
  const { settings, verdict, fleet, faults, requests, recoveries, anomalies } = report;
  const { counts } = verdict.history;
  const outcomes = [...verdict.outcomes].toSorted(([a], [b]) => a.localeCompare(b));
  const lines = [
    `seed ${settings.seed}, ${settings.kind}, ${settings.durationMs / 1000} s, ${settings.workers} workers of ${settings.clients}, ${settings.regions} region(s), lease ${settings.leaseMs} ms`,
    ...(settings.without.length > 0 ? [`without: ${settings.without.join(", ")}`] : []),
    `operations: ${counts.ok} ok, ${counts.failed} failed, ${counts.unknown} unknown (${counts.unknownSeen} of them seen); ${counts.reads} lists and ${verdict.bank.counts.reads} audits read`,
    ...outcomes.map(
      ([kind, { ok, failed, unknown }]) => `  ${kind.padEnd(18)} ${ok} ok, ${failed} failed, ${unknown} unknown`,
    ),
    `unknown because of: ${listed(verdict.doubts)}`,
    `faults in ${requests} requests: ${listed(Object.entries(faults))}`,
    `workers: ${listed(Object.entries(fleet))}`,
    `recoveries beside them: ${recoveries.count}, ${recoveries.unfinished.length} of them given up for faults`,
    `anomalies: ${anomalies.length}`,
    ...anomalies.slice(0, shown).map((text) => `  ${text}`),
    ...(anomalies.length > shown ? [`  and ${anomalies.length - shown} more`] : []),
    ...(anomalies.length > 0 ? [`the histories are in ${settings.folder}`] : []),
  ];
  return lines.join("\n");
}

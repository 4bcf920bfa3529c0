import type { TortureReport } from "./torture.js";

const shown = 12;

const listed = (counts: Iterable<readonly [string, number]>): string =>
  [...counts].map(([name, count]) => `${name} ${count}`).join(", ") || "none";

/** What a run has done and found, for people. */
export function reportText({ settings, verdict, fleet, faults, anomalies }: TortureReport): string {
  const { counts } = verdict.history;
  const { seed, durationMs, members, workers, crews, lines, sessionMs } = settings;
  const texts = [
    `seed ${seed}, ${members} server(s), ${durationMs / 1000} s, ${workers} workers and ${crews} crews of ${lines}, sessions of ${sessionMs} ms`,
    `transactions: ${counts.ok} ok, ${counts.failed} failed, ${counts.unknown} unknown (${counts.unknownSeen} of them seen); ${verdict.journals} commits with changes`,
    `seen: ${counts.reads} lists and ${verdict.bank.counts.reads} audits`,
    ...[...verdict.errors].map(([name, number]) => `  ${name}: ${number}`),
    `faults: ${listed(faults)}`,
    `workers: ${listed(Object.entries(fleet))}`,
    `anomalies: ${anomalies.length}`,
    ...anomalies.slice(0, shown).map((text) => `  ${text}`),
    ...(anomalies.length > shown ? [`  and ${anomalies.length - shown} more`] : []),
    ...(anomalies.length > 0 ? [`the histories are in ${settings.folder}`] : []),
  ];
  return texts.join("\n");
}

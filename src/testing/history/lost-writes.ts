import type { Findings } from "./findings.js";
import type { OpenLifetime } from "./lifetime.js";
import { endOf } from "./operation.js";
import type { History, Value } from "./operation.js";
import { valueText } from "./text.js";

/**
 * Appends that only their own operation knew of, though others looked after it had ended. They are reported, and taken
 * out: else a circle would tell of them once more.
 */
export function findLostWrites(lifetime: OpenLifetime, history: History, findings: Findings): void {
  const { key, readers } = lifetime;
  const confirmed = readers.reduce((most, { length }) => Math.max(most, length), 0);
  const latest = latestReaders(lifetime, history);
  const reported = new Set<number>();
  const values: Value[] = [];
  const writers: number[] = [];
  let { ordered } = lifetime;
  lifetime.values.forEach((value, position) => {
    const writer = lifetime.writers[position] ?? -1; // never -1: there are as many writers
    const operation = history[writer];
    const end = operation === undefined ? Infinity : endOf(operation);
    const reader = latest.find((operation) => operation !== writer);
    const isLost = position >= confirmed && reader !== undefined && (history[reader]?.start ?? 0) > end;
    if (!isLost) {
      values.push(value);
      return void writers.push(writer);
    }
    if (position < lifetime.ordered) ordered--;
    if (reported.has(writer)) return;
    reported.add(writer);
    const explanation = `T${writer} appended ${valueText(value)} to ${key} and ended at ${end}; T${reader}, which began after that, did not see it, nor did anybody else`;
    findings.add({ kind: "lostWrite", key, value, writer, reader, explanation });
  });
  Object.assign(lifetime, { values, writers, ordered });
}

/** The two readers that began last: one of them is not the writer. */
function latestReaders({ readers }: OpenLifetime, history: History): readonly number[] {
  const latest: number[] = [];
  for (const { operation } of readers) {
    latest.push(operation);
    latest.sort((a, b) => (history[b]?.start ?? 0) - (history[a]?.start ?? 0));
    latest.length = Math.min(latest.length, 2);
  }
  return latest;
}

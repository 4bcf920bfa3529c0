import type { Anomaly } from "./anomaly.js";
import type { Footprint } from "./footprint.js";
import type { Value } from "./operation.js";
import type { Participants, Writer } from "./participants.js";
import { listText, valueText } from "./text.js";

/** A list as it was for one operation: what it found, or that with its own appends behind. */
export class Observation {
  readonly operation: number;
  readonly isOwn: boolean;
  readonly length: number;
  readonly #found: readonly Value[];
  readonly #appended: readonly Value[];

  constructor(operation: number, found: readonly Value[], appended?: readonly Value[]) {
    this.operation = operation;
    this.isOwn = appended !== undefined;
    this.#found = found;
    this.#appended = appended ?? [];
    this.length = found.length + this.#appended.length;
  }

  at(index: number): Value | undefined {
    return index < this.#found.length ? this.#found[index] : this.#appended[index - this.#found.length];
  }

  values(): readonly Value[] {
    return this.#appended.length === 0 ? this.#found : [...this.#found, ...this.#appended];
  }

  /** Whether a list that is no shorter begins with this one. */
  begins(longer: readonly Value[]): boolean {
    for (let i = 0; i < this.length; i++) if (this.at(i) !== longer[i]) return false;
    return true;
  }

  get text(): string {
    return `T${this.operation} ${this.isOwn ? "left" : "saw"} ${listText(this.values())}`;
  }
}

/** The lists, other than empty ones, that an operation knew to be there before or after it. */
export function observationsOf({ operation, found, appended, deleted, recreated }: Footprint): Observation[] {
  const observations: Observation[] = [];
  if (found !== undefined && found.length > 0) observations.push(new Observation(operation, found));
  if (found !== undefined && appended.length > 0 && !deleted)
    observations.push(new Observation(operation, found, appended));
  if (recreated.length > 0) observations.push(new Observation(operation, [], recreated));
  return observations;
}

/** One list must be the beginning of the other, and is not. */
export function incompatible(key: string, first: Observation, second: Observation, note: string): Anomaly {
  return {
    kind: "incompatibleLists",
    key,
    operations: [first.operation, second.operation],
    lists: [first.values(), second.values()],
    explanation: `${first.text} of ${key}, and ${second.text}: ${note}`,
  };
}

/** What is wrong with the values of one list, looked at by themselves. */
export function faultsOf(key: string, list: Observation, participants: Participants): Anomaly[] {
  const anomalies: Anomaly[] = [];
  const writers = participants.writers(key);
  const seen = new Set<Value>();
  const reader = list.operation;
  for (const value of list.values()) {
    const writer = writers.get(value);
    const text = `${valueText(value)} in ${key}`;
    if (seen.has(value)) {
      const explanation = `${list.text} of ${key}, with ${valueText(value)} twice: one append was applied twice`;
      anomalies.push({ kind: "duplicateValue", key, value, reader, explanation });
    } else if (writer === undefined) {
      const explanation = `T${reader} saw ${text}, which no operation of the history appended`;
      anomalies.push({ kind: "unknownValue", key, value, reader, explanation });
    } else {
      const why = withdrawal(writer, participants);
      const explanation = `T${reader} saw ${text}: T${writer.operation} appended it, and ${why}`;
      if (why !== undefined)
        anomalies.push({ kind: "dirtyRead", key, value, writer: writer.operation, reader, explanation });
    }
    seen.add(value);
  }
  return anomalies;
}

/** Why nobody may see what it wrote. */
function withdrawal({ operation, withdrawn }: Writer, participants: Participants): string | undefined {
  if (withdrawn === "abandoned") return "gave that attempt up";
  if (withdrawn === "deleted") return "deleted it again itself";
  return participants.happened(operation) ? undefined : "failed";
}

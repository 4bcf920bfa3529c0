import { ValidationError } from "../../base/errors.js";
import { footprintsOf } from "./footprint.js";
import type { Footprint, Footprints } from "./footprint.js";
import type { Append, History, Operation, Value } from "./operation.js";
import { valueText } from "./text.js";

/** Who appended a value. */
export interface Writer {
  readonly operation: number;
  /** Why nobody else may see it; `undefined`: it counts if the operation happened. */
  readonly withdrawn: "abandoned" | "deleted" | undefined;
}

export type Writers = ReadonlyMap<Value, Writer>;
const nobody: Writers = new Map();

/** Which operations happened, and who appended what. */
export class Participants {
  readonly #history: History;
  readonly #footprints: readonly Footprints[];
  readonly #writers = new Map<string, Map<Value, Writer>>();
  readonly #happened: Uint8Array;

  /** Throws `ValidationError` for a history that no recorder makes, and for values appended twice. */
  constructor(history: History) {
    history.forEach(checkOperation);
    this.#history = history;
    this.#footprints = history.map(footprintsOf);
    this.#happened = new Uint8Array(history.length);
    history.forEach((operation, index) => this.#addWriters(operation, index));
    this.#findHappened();
  }

  happened(operation: number): boolean {
    return this.#happened[operation] === 1;
  }

  /** Whether it may have happened, and nobody saw that it did. */
  undecided(operation: number): boolean {
    return this.#history[operation]?.outcome === "unknown" && !this.happened(operation);
  }

  footprints(operation: number): Footprints {
    return this.#footprints[operation] ?? { prints: [], breaches: [] };
  }

  writers(key: string): Writers {
    return this.#writers.get(key) ?? nobody;
  }

  #addWriters({ steps, abandoned = [] }: Operation, operation: number): void {
    for (const append of abandoned) this.#addWriter(append, { operation, withdrawn: "abandoned" });
    const prints = this.footprints(operation).prints.filter(({ hidden }) => hidden.length > 0);
    const isHidden = ({ key, value }: Append): boolean =>
      prints.some((print) => print.key === key && print.hidden.includes(value));
    for (const step of steps)
      if (step.type === "append")
        this.#addWriter(step, { operation, withdrawn: isHidden(step) ? "deleted" : undefined });
  }

  #addWriter({ key, value }: Append, writer: Writer): void {
    let writers = this.#writers.get(key);
    if (writers === undefined) this.#writers.set(key, (writers = new Map()));
    const other = writers.get(value);
    if (other !== undefined)
      throw new ValidationError(
        `${valueText(value)} is appended to ${key} twice, by T${other.operation} and T${writer.operation}: values must be unique`,
      );
    writers.set(value, writer);
  }

  /** What an operation that happened saw has happened, too; no other proof counts. */
  #findHappened(): void {
    const keysInDoubt = new Set<string>();
    const queue: number[] = [];
    this.#history.forEach(({ outcome, steps }, operation) => {
      if (outcome === "ok") queue.push(operation);
      if (outcome === "unknown") for (const step of steps) if (step.type === "append") keysInDoubt.add(step.key);
    });
    for (const operation of queue) this.#happened[operation] = 1;
    // It grows while it is walked.
    for (const operation of queue)
      for (const print of this.footprints(operation).prints)
        if (keysInDoubt.has(print.key)) queue.push(...this.#foundBy(print));
  }

  *#foundBy({ key, found = [] }: Footprint): Iterable<number> {
    const writers = this.writers(key);
    for (const value of found) {
      const writer = writers.get(value);
      if (writer === undefined || writer.withdrawn === "abandoned" || !this.undecided(writer.operation)) continue;
      this.#happened[writer.operation] = 1;
      yield writer.operation;
    }
  }
}

function checkOperation({ start, end, outcome }: Operation, index: number): void {
  const fault = (): string | undefined => {
    if (!Number.isFinite(start)) return "has no start";
    if (outcome === "unknown") return undefined;
    if (end === undefined) return `is ${outcome}, but has no end`;
    return end >= start ? undefined : "ends before it starts";
  };
  const found = fault();
  if (found !== undefined) throw new ValidationError(`operation ${index} of the history ${found}`);
}

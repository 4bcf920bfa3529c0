import { ValidationError } from "../../base/errors.js";
import type { Append, Operation, Outcome, Step } from "./operation.js";

/** An attempt began anew: what was recorded of these keys, or of all, counts no more. */
interface Restart {
  readonly type: "restart";
  readonly keys?: readonly string[] | undefined;
}

export type RecordedStep = Step | Restart;

/** One line of a history file. `id` counts the operations of the file. */
export type HistoryEvent =
  | { readonly event: "begin"; readonly id: number; readonly process: string | number; readonly at: number }
  /** Told before each write, since nobody else tells of it when the process is killed. */
  | { readonly event: "steps"; readonly id: number; readonly steps: readonly RecordedStep[] }
  | {
      readonly event: "end";
      readonly id: number;
      readonly at: number;
      readonly outcome: Outcome;
      readonly steps: readonly RecordedStep[];
      readonly error?: string | undefined;
    };

/** The operation that its events tell of, so far. */
export class OperationLog {
  readonly start: number;
  readonly #process: string | number;
  #steps: Step[] = [];
  readonly #abandoned: Append[] = [];
  #ended: { readonly at: number; readonly outcome: Outcome; readonly error?: string | undefined } | undefined;

  constructor(process: string | number, start: number) {
    this.#process = process;
    this.start = start;
  }

  add(steps: readonly RecordedStep[]): void {
    for (const step of steps) {
      if (step.type === "restart") this.#restart(step.keys);
      else this.#steps.push(step);
    }
  }

  end(at: number, outcome: Outcome, error?: string): void {
    this.#ended = { at, outcome, ...(error === undefined ? {} : { error }) };
  }

  operation(): Operation {
    const { at, outcome = "unknown", error } = this.#ended ?? {};
    const steps = [...this.#steps];
    const abandoned = this.#abandoned.filter(
      ({ key, value }) => !steps.some((step) => step.type === "append" && step.key === key && step.value === value),
    );
    return {
      process: this.#process,
      start: this.start,
      ...(outcome === "unknown" ? {} : { end: at }),
      outcome,
      steps,
      ...(abandoned.length > 0 ? { abandoned } : {}),
      ...(error === undefined ? {} : { error }),
    };
  }

  #restart(keys: readonly string[] | undefined): void {
    const kept: Step[] = [];
    for (const step of this.#steps) {
      const counts = keys !== undefined && !(step.type !== "snapshot" && keys.includes(step.key));
      if (counts) kept.push(step);
      else if (step.type === "append") this.#abandon(step);
    }
    this.#steps = kept;
  }

  /** Once for each value, however often it is tried. */
  #abandon(append: Append): void {
    if (!this.#abandoned.some(({ key, value }) => key === append.key && value === append.value))
      this.#abandoned.push(append);
  }
}

const eventNames: readonly unknown[] = ["begin", "steps", "end"] satisfies HistoryEvent["event"][];

/** Reads one line. Throws `ValidationError` for one that no recorder has written. */
export function parseEvent(line: string): HistoryEvent {
  const event: unknown = JSON.parse(line);
  if (typeof event === "object" && event !== null && "event" in event && eventNames.includes(event.event))
    return event as HistoryEvent; // true of what a recorder wrote, and such a file is what this reads
  throw new ValidationError("not an event of a history");
}

/** One event as a line, which contains nothing that readers take for the end of one. */
export function lineOf(event: HistoryEvent): string {
  const text = JSON.stringify(event).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
  return `${text}\n`;
}

import { ValidationError } from "../../base/errors.js";
import type { RecordedStep } from "./history-event.js";
import type { Value } from "./operation.js";

function checkedValue(value: Value): Value {
  if (typeof value === "string" || Number.isFinite(value)) return value;
  throw new ValidationError(`values of a history are strings and finite numbers: ${String(value)}`);
}

/**
 * Takes down one operation. All methods throw `ValidationError` once the operation has ended, and for values that are
 * none: what runs on behind an operation's back, a setter that was given up for one, cannot write then what it has not
 * told of.
 */
export class OperationRecorder {
  readonly #publish: (steps: readonly RecordedStep[]) => void;
  #steps: RecordedStep[] = [];
  #ended = false;

  /** Made by `HistoryRecorder.operation`. */
  constructor(publish: (steps: readonly RecordedStep[]) => void) {
    this.#publish = publish;
  }

  /** It sees this list, its own appends included; `null` when there is none. The list is copied. */
  read(key: string, values: readonly Value[] | null): void {
    this.#add({ type: "read", key, values: values && values.map(checkedValue) });
  }

  /** It is about to append a value that nobody else appends to this key; call it before the write is sent. */
  append(key: string, value: Value): void {
    this.#add({ type: "append", key, value: checkedValue(value) });
    this.#flush();
  }

  /** It is about to delete the list; call it before the write is sent. A list made afterwards begins empty. */
  delete(key: string): void {
    this.#add({ type: "delete", key });
    this.#flush();
  }

  /** It sees the balances of all accounts at once. They are copied. */
  snapshot(balances: Readonly<Record<string, number>>): void {
    this.#add({ type: "snapshot", balances: { ...balances } });
  }

  /**
   * An attempt begins anew, after the one before had no effect: forgets what was recorded of these keys, or with no key
   * everything. Call it first in a setter, which runs once for each attempt.
   */
  restart(...keys: readonly string[]): void {
    this.#add(keys.length === 0 ? { type: "restart" } : { type: "restart", keys });
  }

  /** What has not been published; nothing may follow. For `HistoryRecorder`. */
  end(): readonly RecordedStep[] {
    this.#ended = true;
    return this.#steps;
  }

  #add(step: RecordedStep): void {
    if (this.#ended) throw new ValidationError("this operation has ended: nothing can be added to it");
    this.#steps.push(step);
  }

  #flush(): void {
    const steps = this.#steps;
    this.#steps = [];
    this.#publish(steps);
  }
}

import type { Anomaly } from "./anomaly.js";
import type { Operation, Value } from "./operation.js";
import { listText } from "./text.js";

/** What one operation did at one key, as others could see it. An absent list is an empty one here. */
export interface Footprint {
  readonly operation: number;
  readonly key: string;
  /** The list before any change of its own; `undefined` when it did not look. */
  readonly found: readonly Value[] | undefined;
  /** Appended to the list found. */
  readonly appended: readonly Value[];
  /** Whether it deleted a list that was there, or may have been. */
  readonly deleted: boolean;
  /** Appended after deleting: a list of its own. */
  readonly recreated: readonly Value[];
  /** Appended and deleted again: nobody else may ever see it. */
  readonly hidden: readonly Value[];
}

class OpenFootprint implements Footprint {
  readonly operation: number;
  readonly key: string;
  found: readonly Value[] | undefined;
  appended: Value[] = [];
  deleted = false;
  recreated: Value[] = [];
  readonly hidden: Value[] = [];

  constructor(operation: number, key: string) {
    this.operation = operation;
    this.key = key;
  }

  append(value: Value): void {
    if (this.deleted) this.recreated.push(value);
    else this.appended.push(value);
  }

  delete(): void {
    this.hidden.push(...this.appended, ...this.recreated);
    this.appended = [];
    this.recreated = [];
    this.deleted ||= this.found === undefined || this.found.length > 0; // else there was nothing to delete
  }

  /** Takes down what it saw, or says what it should have seen instead. */
  read(values: readonly Value[]): string | undefined {
    if (this.deleted) return equalLists(values, [], this.recreated) ? undefined : listText(this.recreated);
    if (this.found !== undefined) {
      if (equalLists(values, this.found, this.appended)) return undefined;
      return listText([...this.found, ...this.appended]);
    }
    const length = values.length - this.appended.length;
    if (length < 0 || !this.appended.every((value, i) => values[length + i] === value))
      return `a list that ends in ${listText(this.appended)}`;
    this.found = this.appended.length === 0 ? values : values.slice(0, length);
    return undefined;
  }
}

function equalLists(values: readonly Value[], first: readonly Value[], second: readonly Value[]): boolean {
  if (values.length !== first.length + second.length) return false;
  return values.every((value, i) => value === (i < first.length ? first[i] : second[i - first.length]));
}

export interface Footprints {
  readonly prints: readonly Footprint[];
  /** Where it did not see what it had seen or done itself. */
  readonly breaches: readonly Anomaly[];
}

/** What an operation did at each key. */
export function footprintsOf(operation: Operation, index: number): Footprints {
  const prints = new Map<string, OpenFootprint>();
  const breaches: Anomaly[] = [];
  for (const step of operation.steps) {
    if (step.type === "snapshot") continue;
    const { key } = step;
    let print = prints.get(key);
    if (print === undefined) prints.set(key, (print = new OpenFootprint(index, key)));
    if (step.type === "append") print.append(step.value);
    else if (step.type === "delete") print.delete();
    else {
      const expected = print.read(step.values ?? []);
      if (expected === undefined) continue;
      const saw = step.values === null ? "absent" : listText(step.values);
      const explanation = `T${index} saw ${key} ${saw}; after what it had seen and done itself it should have seen ${expected}`;
      breaches.push({ kind: "internal", key, operation: index, explanation });
    }
  }
  return { prints: [...prints.values()], breaches };
}

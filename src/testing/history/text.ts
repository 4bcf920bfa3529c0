import type { Operation, Step, Value } from "./operation.js";

/** How many values of a list are shown: its newest. */
const maxValues = 8;
const maxSteps = 12;

export function valueText(value: Value): string {
  return JSON.stringify(value);
}

/** `[1, 2]`, or of a long list its newest values. */
export function listText(values: readonly Value[]): string {
  const shown = values.slice(-maxValues).map(valueText);
  const left = values.length - shown.length;
  return left === 0 ? `[${shown.join(", ")}]` : `[${left} more, ${shown.join(", ")}]`;
}

function stepText(step: Step): string {
  switch (step.type) {
    case "read":
      return `saw ${step.key} ${step.values === null ? "absent" : listText(step.values)}`;
    case "append":
      return `appended ${valueText(step.value)} to ${step.key}`;
    case "delete":
      return `deleted ${step.key}`;
    case "snapshot":
      return `saw ${Object.keys(step.balances).length} balances`;
  }
}

/** What an operation did, in one line. */
export function operationText(index: number, { process, start, end, outcome, steps }: Operation): string {
  const shown = steps.slice(0, maxSteps).map(stepText);
  if (steps.length > shown.length) shown.push(`${steps.length - shown.length} more`);
  return `T${index} (process ${process}, ${outcome}, from ${start} to ${end ?? "?"}): ${shown.join("; ") || "nothing"}`;
}

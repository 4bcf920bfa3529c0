import type { Operation, Step, Value } from "dynatx/testing";

/** Short forms for histories written by hand. */
export const read = (key: string, values: readonly Value[] | null): Step => ({ type: "read", key, values });
export const append = (key: string, value: Value): Step => ({ type: "append", key, value });
export const remove = (key: string): Step => ({ type: "delete", key });
export const snapshot = (balances: Readonly<Record<string, number>>): Step => ({ type: "snapshot", balances });

export function ok(start: number, end: number, ...steps: readonly Step[]): Operation {
  return { process: 0, start, end, outcome: "ok", steps };
}

export function failed(start: number, end: number, ...steps: readonly Step[]): Operation {
  return { process: 0, start, end, outcome: "failed", steps };
}

export function unknown(start: number, ...steps: readonly Step[]): Operation {
  return { process: 0, start, outcome: "unknown", steps };
}

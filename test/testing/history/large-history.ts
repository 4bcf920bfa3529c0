import type { Operation, Step, Value } from "dynatx/testing";
import { append, read, remove } from "./notation.js";

const maxLength = 64;
const keysAtOnce = 10;

/** Many operations of 50 processes that a serializable store has executed, in time linear in their number. */
export function largeHistory(operations: number, fraction: () => number, deletes = 0): Operation[] {
  const lists = new Map<string, readonly Value[]>();
  const names = Array.from({ length: keysAtOnce }, (_, i) => `k${i}`);
  let nextKey = keysAtOnce;
  let value = 0;
  const step = (): Step => {
    const slot = Math.floor(fraction() * keysAtOnce);
    const key = names[slot] ?? "";
    const list = lists.get(key) ?? [];
    const chance = fraction();
    if (chance < deletes) {
      lists.delete(key);
      return remove(key);
    }
    if (chance < 0.5) return read(key, list);
    lists.set(key, [...list, ++value]);
    if (list.length + 1 >= maxLength && deletes === 0) names[slot] = `k${nextKey++}`;
    return append(key, value);
  };
  const around = (): number => fraction() * 50;
  return Array.from({ length: operations }, (_, time): Operation => {
    const steps = Array.from({ length: 1 + Math.floor(fraction() * 4) }, step);
    return { process: time % 50, start: time - around(), end: time + around(), outcome: "ok", steps };
  });
}

import type { History, Operation, Value } from "dynatx/testing";

type Lists = ReadonlyMap<string, readonly Value[]>;

/**
 * Whether any order of the operations, each between its start and its end, explains a small history, by trying them all.
 * Operations that failed take no part; unknown ones may, and may not.
 */
export function isStrictlySerializable(history: History): boolean {
  const pending = history.filter(({ outcome }) => outcome !== "failed");
  return search(new Set(pending), new Map());
}

/** Takes one operation that nothing pending had to come before, and goes on from what it left. */
function search(pending: ReadonlySet<Operation>, lists: Lists): boolean {
  if ([...pending].every(({ outcome }) => outcome === "unknown")) return true; // then they have not happened
  for (const operation of pending) {
    if ([...pending].some((other) => other.outcome === "ok" && (other.end ?? Infinity) < operation.start)) continue;
    const left = execute(operation, lists);
    if (left === undefined) continue;
    const rest = new Set(pending);
    rest.delete(operation);
    if (search(rest, left)) return true;
  }
  return false;
}

/** What the operation leaves, or `undefined` when it cannot have seen what it saw. */
function execute({ steps }: Operation, before: Lists): Lists | undefined {
  const lists = new Map(before);
  for (const step of steps) {
    if (step.type === "snapshot") continue;
    const list = lists.get(step.key) ?? [];
    if (step.type === "append") lists.set(step.key, [...list, step.value]);
    else if (step.type === "delete") lists.delete(step.key);
    else if (JSON.stringify(list) !== JSON.stringify(step.values ?? [])) return undefined;
  }
  return lists;
}

/** The records of a run. */

const listCount = 6;
export const accounts: readonly string[] = ["account0", "account1", "account2", "account3"];
export const opening = 100;
export const total = accounts.length * opening;

/** The lists that are worked on in one generation. */
export function listsOf(generation: number): readonly string[] {
  return Array.from({ length: listCount }, (_, n) => `list.${generation}.${n}`);
}

/** Half of the lists are never deleted: what the checker says of those leaves nothing out. */
export function isKept(key: string): boolean {
  return Number(key.at(-1)) % 2 === 0;
}

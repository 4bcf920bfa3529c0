/** Which items a committed transaction has in flight, so that others can finish them when its owner is gone. */
import { plainMap, restoredMap } from "../dynamodb/attribute-text.js";
import type { AttributeMap } from "../dynamodb/attribute.js";
import type { Coordinator } from "../dynamodb/coordinator.js";
import type { TransactionRecord } from "../dynamodb/transaction-record.js";
import { join, pageName } from "./parts.js";

export interface ManifestEntry {
  /** The table's full name. */
  readonly table: string;
  readonly key: AttributeMap;
  /** The identity of the coordinator at the item's endpoint, where it is another one than the record's. */
  readonly endpoint: string | undefined;
}

export function manifestText(entries: readonly ManifestEntry[]): string {
  return JSON.stringify(
    entries.map(({ table, key, endpoint }) => [table, plainMap(key), ...(endpoint ? [endpoint] : [])]),
  );
}

/** The items of a committed transaction, by index; `undefined` when a page of it is gone: then all is done. */
export async function manifestOf(
  coordinator: Coordinator,
  transaction: string,
  { manifest, pages }: TransactionRecord,
): Promise<ManifestEntry[] | undefined> {
  const { generation, count } = pages ?? { generation: 0, count: 0 };
  const names = Array.from({ length: count }, (_, page) => pageName(transaction, generation, page));
  const text = manifest ?? (pages && (await join(coordinator, names)));
  if (text === undefined) return undefined;
  // True: `manifestText` wrote it.
  const entries = JSON.parse(text) as [string, Record<string, object>, string?][];
  return entries.map(([table, key, endpoint]) => ({ table, key: restoredMap(key), endpoint }));
}

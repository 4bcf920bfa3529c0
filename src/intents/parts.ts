/** What is too large for an item or a record, in the coordinator's table: pieces of changes, pages of a manifest. */
import type { Coordinator } from "../dynamodb/coordinator.js";

/** Well below DynamoDB's 400 KB for an item. */
const partBytes = 350 * 1024;

/** The transaction to which a part belongs; `undefined`: it is none. */
export function ownerOfPart(name: string): string | undefined {
  const at = name.indexOf("/");
  return at < 0 ? undefined : name.slice(0, at);
}

export function pageName(transaction: string, generation: number, page: number): string {
  return `${transaction}/m/${generation}/${page}`;
}

export function pieceName(transaction: string, index: number, piece: number): string {
  return `${transaction}/a/${index}/${piece}`;
}

/** A text cut into parts, as bytes. */
export function cut(text: string): Uint8Array[] {
  const bytes = Buffer.from(text);
  const parts: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; from += partBytes) parts.push(bytes.subarray(from, from + partBytes));
  return parts;
}

/** The text of some parts; `undefined` when one of them is not there any more. */
export async function join(coordinator: Coordinator, names: readonly string[]): Promise<string | undefined> {
  const parts = await Promise.all(names.map((name) => coordinator.part(name)));
  const found = parts.filter((part) => part !== undefined);
  return found.length < parts.length ? undefined : Buffer.concat(found).toString();
}

import { keyText } from "../../model/batch-get.js";
import type { Binding } from "../../model/binding.js";
import type { ItemKey } from "../../model/key.js";

/** Numbers clients, so that an item is the same one on whatever connections with one client it is reached. */
const numbers = new WeakMap<object, number>();
let count = 0;

/** The same text for the same item. */
export function itemName({ connection, table, spec }: Binding, key: ItemKey): string {
  const { client } = connection;
  const number = numbers.get(client) ?? ++count;
  numbers.set(client, number);
  return `${number} ${table} ${keyText(spec, key.stored)}`;
}

import { ItemNotFoundError, describeItem } from "../base/errors.js";
import type { AttributeMap } from "../dynamodb/attribute.js";
import { isCounterKey } from "./auto-increment.js";
import type { Binding } from "./binding.js";
import { present } from "./item.js";
import type { ItemKey } from "./key.js";
import type { ReadOptions } from "./model-types.js";
import { getInput } from "./select.js";

/** The item of a key as it is stored now, or `undefined`; strongly consistent unless told otherwise. */
export async function readImage(
  binding: Binding,
  key: ItemKey,
  options: ReadOptions,
): Promise<AttributeMap | undefined> {
  const { spec, connection } = binding;
  if (isCounterKey(spec, key.stored)) return undefined;
  const { Item } = await connection.requests.get(getInput(binding, key, options), options.signal);
  return Item && present(connection.reserved, Item);
}

export function notFound({ table }: Binding, { values }: ItemKey): ItemNotFoundError {
  return new ItemNotFoundError(`${describeItem(table, values)} does not exist`, { table, key: values });
}

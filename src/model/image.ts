import { ItemNotFoundError, describeItem } from "../base/errors.js";
import type { AttributeMap } from "../dynamodb/attribute.js";
import { batchGetStored } from "./batch-get.js";
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

/** The items of some keys as they are stored now, by `keyText`; absent ones are left out. Strongly consistent unless told otherwise. */
export async function readImages(
  binding: Binding,
  keys: readonly AttributeMap[],
  options: ReadOptions,
): Promise<Map<string, AttributeMap>> {
  const { spec, connection } = binding;
  const { consistent = true, signal } = options;
  const images = new Map<string, AttributeMap>();
  for (const [text, stored] of await batchGetStored(binding, keys, { consistent, signal })) {
    const image = isCounterKey(spec, stored) ? undefined : present(connection.reserved, stored);
    if (image !== undefined) images.set(text, image);
  }
  return images;
}

export function notFound({ table }: Binding, { values }: ItemKey): ItemNotFoundError {
  return new ItemNotFoundError(`${describeItem(table, values)} does not exist`, { table, key: values });
}

/** Items by key as readers see them: what is in flight is settled, or looked under. */
import { ItemNotFoundError, describeItem } from "../base/errors.js";
import { allParallel } from "../base/parallel.js";
import { attributeOf } from "../dynamodb/attribute.js";
import type { AttributeMap } from "../dynamodb/attribute.js";
import { readThrough } from "../intents/resolve.js";
import { batchGetStored } from "./batch-get.js";
import { isCounterKey } from "./auto-increment.js";
import { placeOf } from "./binding.js";
import type { Binding } from "./binding.js";
import { keyOf, storedKeyValues } from "./key.js";
import type { ItemKey } from "./key.js";
import type { ReadOptions } from "./model-types.js";
import { getInput } from "./select.js";

const parallelReads = 32;

export interface ImageOptions extends ReadOptions {
  /** Whether a transaction reads, which checks at its commit what it has read. Default: false. */
  readonly checkedLater?: boolean | undefined;
}

/** The item of a key as it is now, or `undefined`; strongly consistent unless told otherwise. */
export async function readImage(
  binding: Binding,
  key: ItemKey,
  options: ImageOptions,
): Promise<AttributeMap | undefined> {
  const { spec, connection } = binding;
  if (isCounterKey(spec, key.stored)) return undefined;
  const { Item } = await connection.requests.get(getInput(binding, key, options), options.signal);
  if (Item === undefined || attributeOf(Item, connection.reserved.intent) === undefined) return Item;
  return seen(binding, { key: key.stored, keyValues: key.values }, Item, options);
}

/** The items of some keys as they are now, by `keyText`; absent ones are left out. Strongly consistent unless told otherwise. */
export async function readImages(
  binding: Binding,
  keys: readonly AttributeMap[],
  options: ImageOptions,
): Promise<Map<string, AttributeMap>> {
  const { spec, connection } = binding;
  const { consistent = true, signal } = options;
  const images = await batchGetStored(binding, keys, { consistent, signal });
  const inFlight: [string, AttributeMap][] = [];
  for (const [text, stored] of images) {
    if (isCounterKey(spec, stored)) images.delete(text);
    else if (attributeOf(stored, connection.reserved.intent) !== undefined) inFlight.push([text, stored]);
  }
  await allParallel(inFlight, parallelReads, async ([text, stored]) => {
    const item = { key: keyOf(spec, stored), keyValues: storedKeyValues(spec, stored) };
    const image = await seen(binding, item, stored, options);
    if (image === undefined) images.delete(text);
    else images.set(text, image);
  });
  return images;
}

function seen(
  binding: Binding,
  item: Parameters<typeof placeOf>[1],
  stored: AttributeMap,
  { checkedLater = false, signal }: ImageOptions,
): Promise<AttributeMap | undefined> {
  return readThrough(placeOf(binding, item), stored, { push: !checkedLater, signal });
}

export function notFound({ table }: Binding, { values }: ItemKey): ItemNotFoundError {
  return new ItemNotFoundError(`${describeItem(table, values)} does not exist`, { table, key: values });
}

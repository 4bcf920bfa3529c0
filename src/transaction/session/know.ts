import type { AttributeMap } from "../../dynamodb/attribute.js";
import { keyText } from "../../model/batch-get.js";
import type { Binding } from "../../model/binding.js";
import { readImage, readImages } from "../../model/image.js";
import type { HeldItem } from "./held-item.js";

/** Reads what is not known of an item, and what the transaction does not make of it anyway. */
export async function know(item: HeldItem, signal: AbortSignal | undefined): Promise<void> {
  const { wish, known, binding, key } = item;
  if (wish.kind !== "none" || known) return;
  await item.ensureKnown(() => readImage(binding, key, { signal, checkedLater: true }));
}

/** Reads those of one model's items that are not known, together. */
export async function knowAll(
  binding: Binding,
  items: readonly HeldItem[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const unknown = items.filter((item) => !item.known);
  if (unknown.length === 0) return;
  const keys = unknown.map(({ key }) => key.stored);
  let reading: Promise<Map<string, AttributeMap>> | undefined;
  const images = (): Promise<Map<string, AttributeMap>> =>
    (reading ??= readImages(binding, keys, { signal, checkedLater: true }));
  const read = async ({ key }: HeldItem): Promise<AttributeMap | undefined> =>
    (await images()).get(keyText(binding.spec, key.stored));
  await Promise.all(unknown.map((item) => item.ensureKnown(() => read(item))));
}

import type { KeyValues } from "../base/errors.js";
import { attributeOf } from "../dynamodb/attribute.js";
import type { AttributeMap, AttributeValue } from "../dynamodb/attribute.js";
import type { Binding } from "./binding.js";
import { Unstorable } from "./codec/codec.js";
import { standsFor } from "./codec/over.js";
import { keyFields } from "./spec.js";
import type { KeyField, ModelSpec } from "./spec.js";
import { checkField, invalid, storable } from "./validate.js";
import type { Subject } from "./validate.js";

/** The key of one item, as the caller gave it and as it is stored. */
export interface ItemKey {
  readonly values: KeyValues;
  readonly stored: AttributeMap;
}

/** Throws `Unstorable` for a stored value that DynamoDB does not take as a key. */
export function checkKeyValue(field: KeyField, value: AttributeValue): void {
  const bytes = value.S === undefined ? value.B?.length : Buffer.byteLength(value.S);
  if (bytes === 0) throw new Unstorable("a key cannot be empty", [field.name]);
  if (bytes !== undefined && bytes > field.maxBytes) {
    throw new Unstorable(`a key of ${bytes} bytes is over the limit of ${field.maxBytes}`, [field.name]);
  }
}

/** One key attribute's value, validated and encoded. Throws `ValidationError`. */
export function encodeKeyValue(field: KeyField, value: unknown, subject: Subject): AttributeValue {
  const checked = checkField(field, value, subject);
  return storable(subject, () => {
    const encoded = field.codec.encode(checked);
    if (encoded === undefined) throw new Unstorable("a key needs a value", [field.name]);
    checkKeyValue(field, encoded);
    return encoded;
  });
}

/** The key given as `[hash]` or `[hash, range]`. Throws `ValidationError`. */
export function encodeKey({ spec, table }: Binding, given: readonly unknown[], action: string): ItemKey {
  const fields = keyFields(spec);
  if (given.length !== fields.length) {
    const expected = fields.map(({ name }) => name).join(" and ");
    throw invalid({ table, action }, [
      { code: "custom", message: `expected the key as ${expected}, but got ${given.length} values`, path: [] },
    ]);
  }
  const values: Record<string, unknown> = {};
  const stored: Record<string, AttributeValue> = {};
  fields.forEach((field, index) => {
    values[field.name] = given[index];
    stored[field.stored] = encodeKeyValue(field, given[index], { table, action });
  });
  return { values, stored };
}

/**
 * Splits the arguments of `get(hash, range?, options?)`. What stands in the place of options and is none counts as a
 * further part of the key, which `encodeKey` refuses.
 */
export function splitArguments<Options>(
  spec: ModelSpec,
  given: readonly unknown[],
): { key: readonly unknown[]; rest: readonly unknown[]; options: Partial<Options> } {
  const count = keyFields(spec).length;
  const options = given[count] ?? {};
  const isKeyPart = typeof options !== "object" || options instanceof Date || options instanceof Uint8Array;
  return { key: given.slice(0, isKeyPart ? count + 1 : count), rest: given.slice(count), options };
}

/** The key an instance holds now, as its fields name it. */
export function keyValues(spec: ModelSpec, instance: object): KeyValues {
  const values: Record<string, unknown> = {};
  for (const { name } of keyFields(spec)) values[name] = instance[name as keyof typeof instance];
  return values;
}

/**
 * The key as the item that was read has it, where it is the same: other programs write dates and numbers in other ways,
 * which are other keys to DynamoDB. Else the key as given.
 */
export function keyOver(spec: ModelSpec, key: AttributeMap, image: AttributeMap | undefined): AttributeMap {
  if (image === undefined) return key;
  const same = keyFields(spec).every(({ codec, stored }) => {
    const known = attributeOf(image, stored);
    return known !== undefined && standsFor(codec, known, attributeOf(key, stored));
  });
  return same ? keyOf(spec, image) : key;
}

/** The key attributes of a stored item. */
export function keyOf(spec: ModelSpec, stored: AttributeMap): AttributeMap {
  const key: Record<string, AttributeValue> = {};
  for (const { stored: name } of keyFields(spec)) {
    const value = stored[name];
    if (value !== undefined) key[name] = value;
  }
  return key;
}

/** The key of a stored item in the form errors carry. */
export function storedKeyValues(spec: ModelSpec, stored: AttributeMap): KeyValues {
  const values: Record<string, unknown> = {};
  for (const { name, stored: storedName, codec } of keyFields(spec)) {
    const value = stored[storedName];
    values[name] = value && codec.decode(value);
  }
  return values;
}

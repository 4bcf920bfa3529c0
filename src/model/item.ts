/** Stored items and the values of instances: one into the other. */
import type { KeyValues } from "../base/errors.js";
import { attributeOf, itemBytes } from "../dynamodb/attribute.js";
import type { AttributeMap, AttributeValue } from "../dynamodb/attribute.js";
import type { Binding } from "./binding.js";
import { Unstorable, within } from "./codec/codec.js";
import { decodeDynamic } from "./codec/dynamic.js";
import { encodeOver } from "./codec/over.js";
import { checkKeyValue, storedKeyValues } from "./key.js";
import { underIntent } from "../intents/intent.js";
import { migrated } from "./migration.js";
import type { Field, ModelSpec } from "./spec.js";
import { parseStored, storable } from "./validate.js";
import type { Subject, Values } from "./validate.js";

const maxItemBytes = 400 * 1024;

/** What an instance knows of its item in the database. */
export interface ItemState {
  /** The item as it was read or written last, attributes outside the schema and the write ids included; `undefined`: new. */
  image: AttributeMap | undefined;
  /** The image in the form of the newest version; the same object without migrations. */
  current: AttributeMap | undefined;
  /** Whether the library has just made the key of a new item up, so that nobody else can know it. */
  generatedKey: boolean;
}

export function newState(): ItemState {
  return { image: undefined, current: undefined, generatedKey: false };
}

function setValue(values: Values, name: string, value: unknown): void {
  if (name === "__proto__")
    Object.defineProperty(values, name, { value, enumerable: true, configurable: true, writable: true });
  else values[name] = value;
}

function decodeField(field: Field, stored: AttributeMap, lenient: boolean): unknown {
  const value = attributeOf(stored, field.stored);
  if (value === undefined) return field.codec.absent?.();
  try {
    return within(field.name, () => field.codec.decode(value));
  } catch (error) {
    if (lenient && error instanceof Unstorable) return decodeDynamic(value);
    throw error;
  }
}

/** The attributes of the schema, decoded and not yet validated. `lenient`: what cannot be decoded stays in a plain form. */
export function decodeItem(spec: ModelSpec, stored: AttributeMap, lenient: boolean): Values {
  const values: Values = {};
  for (const field of spec.fields) {
    const value = decodeField(field, stored, lenient);
    if (value !== undefined) setValue(values, field.name, value);
  }
  return values;
}

export interface Loaded {
  readonly values: Values;
  readonly state: ItemState;
}

/** A stored item as the values of an instance. Throws `ValidationError` or `VersionError`, both naming the item. */
export function loadItem({ spec, table }: Binding, image: AttributeMap, validate: boolean): Loaded {
  const key = storedKeyValues(spec, image);
  const subject = { table, key, action: "the stored item cannot be read" };
  const current = storable(subject, () => migrated(spec.migrations, image, { table, key }));
  const decoded = storable(subject, () => decodeItem(spec, current, !validate));
  const values = validate ? parseStored(spec, decoded, key) : decoded;
  for (const timestamp of [spec.createdAt, spec.updatedAt]) {
    if (timestamp !== undefined) values[timestamp.name] = decoded[timestamp.name];
  }
  return { values, state: { image, current, generatedKey: false } };
}

/** The item as errors show it: decoded where possible, never validated, without the library's own attributes. */
export function describeStored({ spec, connection }: Binding, stored: AttributeMap | undefined): object | undefined {
  const item = stored && underIntent(connection.reserved, stored);
  if (item === undefined) return undefined;
  const values = decodeItem(spec, item, true);
  for (const name of Object.keys(item)) {
    const value = item[name];
    if (value !== undefined && name !== connection.reserved.writeId && !spec.storedNames.has(name))
      setValue(values, name, decodeDynamic(value));
  }
  return values;
}

/** Puts values on an instance: every attribute becomes a member of its own, absent ones as `undefined`. */
export function assignValues(spec: ModelSpec, instance: object, values: Values): void {
  for (const { name } of spec.fields) {
    // True: attributes are members of instances, whatever their type.
    setValue(instance as Values, name, Object.hasOwn(values, name) ? values[name] : undefined);
  }
}

/**
 * The item to be stored for checked values: the schema's attributes, and those outside it that the instance carries.
 * Without the write id. Throws `ValidationError`.
 */
export function encodeItem(
  { spec, table, connection }: Binding,
  values: Values,
  state: ItemState,
  key: KeyValues,
): Record<string, AttributeValue> {
  const subject = { table, key, action: "save" };
  const item: Record<string, AttributeValue> = {};
  const { current } = state;
  for (const name of Object.keys(current ?? {})) {
    const value = current?.[name];
    if (value !== undefined && name !== connection.reserved.writeId && !spec.storedNames.has(name)) item[name] = value;
  }
  storable(subject, () => {
    for (const field of spec.fields) {
      const value = Object.hasOwn(values, field.name) ? values[field.name] : undefined;
      const encoded =
        value === undefined
          ? undefined
          : within(field.name, () => encodeOver(field.codec, value, current && attributeOf(current, field.stored)));
      if (encoded !== undefined) item[field.stored] = encoded;
    }
    for (const field of spec.keys) {
      const value = attributeOf(item, field.stored);
      if (value !== undefined) checkKeyValue(field, value);
    }
  });
  checkSize(item, subject);
  return item;
}

function checkSize(item: AttributeMap, subject: Subject): void {
  const bytes = itemBytes(item);
  if (bytes <= maxItemBytes) return;
  storable(subject, () => {
    throw new Unstorable(`the item has ${bytes} bytes, over DynamoDB's limit of ${maxItemBytes}`);
  });
}

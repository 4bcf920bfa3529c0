import { ConflictError, MaxRetriesExceededError, OverwriteError, describeItem } from "../base/errors.js";
import type { KeyValues } from "../base/errors.js";
import { attributeOf, sameAttribute } from "../dynamodb/attribute.js";
import type { AttributeMap, AttributeValue } from "../dynamodb/attribute.js";
import { nextNumber, refuseCounterKey } from "./auto-increment.js";
import type { Binding } from "./binding.js";
import { encodeItem, newState } from "./item.js";
import type { ItemState } from "./item.js";
import { encodeKey, keyOf, keyOver, keyValues } from "./key.js";
import { keyFields } from "./spec.js";
import { applyGuarded, applyOverwriting } from "./settle.js";
import { checkInstance } from "./validate.js";
import type { Values } from "./validate.js";
import { imageAfter } from "./write.js";
import type { Write } from "./write.js";

/** An instance as saving sees it. */
export interface Saveable {
  readonly binding: Binding;
  /** The instance itself: its attributes are its members. */
  readonly values: Values;
  readonly state: ItemState;
}

export interface WriteOptions {
  readonly raiseOnConflict?: boolean | undefined;
  readonly condition?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** How many numbers taken by others a first save passes over. */
const maxStolenNumbers = 1000;

/** Saves an instance; see `DynamoDBModel.save`. */
export async function saveItem(item: Saveable, options: WriteOptions): Promise<void> {
  const { spec } = item.binding;
  if (spec.autoIncrement && item.state.image === undefined && item.values[spec.hash.name] === undefined) {
    await saveNumbered(item, options);
    return;
  }
  const given = snapshot(item);
  const write = saveOf(item, options.condition);
  const applied = options.raiseOnConflict
    ? await guarded(write, options.signal)
    : await applyOverwriting(write, options.signal);
  if (applied !== undefined) saved(item, applied, given);
}

/** What an instance holds now, at the top. */
export function snapshot({ values }: Saveable): Values {
  return { ...values };
}

async function guarded(write: Write, signal: AbortSignal | undefined): Promise<Write> {
  await applyGuarded(write, write.binding.spec.concurrency, signal);
  return write;
}

/**
 * The write that saves an instance, validated and encoded. `content`: what `contentOf` has just made of it. Throws
 * `ValidationError`, or `ConflictError` for an edited key.
 */
export function saveOf({ binding, values, state }: Saveable, condition: unknown, content?: AttributeMap): Write {
  const { spec, connection } = binding;
  const key = keyValues(spec, values);
  const stamps = spec.createdAt !== undefined || spec.updatedAt !== undefined;
  const after = content !== undefined && !stamps ? content : encodeStamped({ binding, values, state }, key);
  refuseCounterKey(binding, after);
  const storedKey = keyOf(spec, after);
  const { image } = state;
  if (image !== undefined) checkKeyUnchanged(binding, key, storedKey, image);
  return {
    binding,
    key: storedKey,
    keyValues: key,
    before: image,
    after,
    writeId: connection.random.writeId(),
    generatedKey: image === undefined && state.generatedKey,
    condition,
  };
}

/** The item as `saveOf` would store it, but for its timestamps: what an instance holds, to be compared. Throws `ValidationError`. */
export function contentOf({ binding, values, state }: Saveable): AttributeMap {
  const key = keyValues(binding.spec, values);
  return encodeItem(binding, checkInstance(binding.spec, values, key), state, key);
}

function encodeStamped({ binding, values, state }: Saveable, key: KeyValues): AttributeMap {
  const { spec } = binding;
  const stamped = withTimestamps(binding, values, state);
  const checked = checkInstance(spec, stamped, key);
  for (const timestamp of [spec.createdAt, spec.updatedAt]) {
    if (timestamp !== undefined) checked[timestamp.name] = stamped[timestamp.name];
  }
  return encodeItem(binding, checked, state, key);
}

function withTimestamps({ spec, connection }: Binding, values: Values, state: ItemState): Values {
  const { createdAt, updatedAt } = spec;
  if (createdAt === undefined && updatedAt === undefined) return values;
  const stamped: Values = Object.assign(Object.create(null), values);
  const now = new Date(connection.clock.now());
  if (createdAt !== undefined && state.image === undefined) stamped[createdAt.name] = now;
  if (updatedAt !== undefined) stamped[updatedAt.name] = now;
  return stamped;
}

function checkKeyUnchanged({ spec, table }: Binding, key: KeyValues, stored: AttributeMap, image: AttributeMap): void {
  for (const { stored: name, name: member } of keyFields(spec)) {
    if (sameAttribute(attributeOf(stored, name), attributeOf(image, name))) continue;
    throw new ConflictError(
      `${describeItem(table, key)}: ${member} was changed since the item was read; the key of an item cannot change: save a new instance`,
      { table, key },
    );
  }
}

/** Tells an instance what is stored now. `given`: what it held when it was saved; what was set since then stays. */
export function saved({ binding, values, state }: Saveable, write: Write, given: Values): void {
  const { spec } = binding;
  const image = imageAfter(write);
  Object.assign(state, { image, current: image, generatedKey: false });
  for (const { name, stored, codec } of spec.fields) {
    const held = values[name];
    // What validation changed (a trimmed text, a default) shows on the instance; objects stay the instance's own.
    const plain = held === null || typeof held !== "object";
    const timestamp = name === spec.createdAt?.name || name === spec.updatedAt?.name;
    if (!(plain || timestamp) || codec.unwrap !== undefined || held !== given[name]) continue;
    const value: AttributeValue | undefined = image && attributeOf(image, stored);
    const shown = value === undefined ? undefined : codec.decode(value);
    if (shown !== held) values[name] = shown;
  }
}

/** The first save of an instance without a key: the next number that nobody has taken. */
async function saveNumbered(item: Saveable, options: WriteOptions): Promise<void> {
  const { binding, values, state } = item;
  const { spec } = binding;
  const { name } = spec.hash;
  // Everything is checked before a number is spent.
  saveOf(
    { ...item, values: Object.assign(Object.create(null), values, { [name]: spec.hash.codec.decode({ N: "1" }) }) },
    options.condition,
  );
  for (let attempt = 1; attempt <= maxStolenNumbers; attempt++) {
    const number = await nextNumber(binding, options.signal);
    const numbered = {
      ...item,
      values: Object.assign(Object.create(null), values, { [name]: number }),
      state: { ...state, generatedKey: true },
    };
    try {
      const write = await guarded(saveOf(numbered, options.condition), options.signal);
      values[name] = number;
      saved(item, write, numbered.values);
      return;
    } catch (error) {
      if (!(error instanceof OverwriteError)) throw error;
    }
  }
  throw new MaxRetriesExceededError(`${binding.table}: ${maxStolenNumbers} numbers in a row were taken already`, {
    attempts: maxStolenNumbers,
  });
}

/** The write that deletes an instance's item. Throws `ValidationError`, or `ConflictError` for an edited key. */
export function deleteOf({ binding, values, state }: Saveable, condition: unknown): Write {
  const { spec, connection } = binding;
  const { values: key, stored: given } = encodeKey(
    binding,
    keyFields(spec).map(({ name }) => values[name]),
    "delete",
  );
  const stored = keyOver(spec, given, state.image);
  refuseCounterKey(binding, stored);
  if (state.image !== undefined) checkKeyUnchanged(binding, key, stored, state.image);
  return {
    binding,
    key: stored,
    keyValues: key,
    before: state.image,
    after: undefined,
    writeId: connection.random.writeId(),
    generatedKey: false,
    condition,
  };
}

/** Deletes an instance's item; see `DynamoDBModel.delete`. */
export async function deleteItem(item: Saveable, options: WriteOptions): Promise<void> {
  const { binding, values, state } = item;
  const { spec, table } = binding;
  if (options.raiseOnConflict && state.image === undefined) {
    const key = keyValues(spec, values);
    throw new ConflictError(`${describeItem(table, key)} was never saved, so there is nothing to delete`, {
      table,
      key,
    });
  }
  const write = deleteOf(item, options.condition);
  if (options.raiseOnConflict) await applyGuarded(write, spec.concurrency, options.signal);
  else await applyOverwriting(write, options.signal);
  Object.assign(state, newState());
}

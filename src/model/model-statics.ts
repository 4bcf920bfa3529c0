/** The static side of every model class, shared by all: each method works on the class it is called on. */
import type { AttributeMap } from "../dynamodb/attribute.js";
import type { Connection } from "../dynamodb/connection.js";
import { keyText } from "./batch-get.js";
import type { Binding } from "./binding.js";
import { notFound, readImage, readImages } from "./image.js";
import { encodeKey, splitArguments } from "./key.js";
import type { ItemKey } from "./key.js";
import { modelBatchWrite } from "./model-batch.js";
import { asModel, bindingOf, connectionOf, holdItemOfGetter, loadInstance, loadInstances } from "./model-core.js";
import type { RuntimeModel } from "./model-core.js";
import { modelUpdate } from "./model-update.js";
import type { AsOption, BatchWriteOptions, Getter, ReadOptions, UpdateOptions } from "./model-types.js";
import { modelParams } from "./params.js";
import { LazyQuery } from "./query.js";
import type { Query } from "./query.js";
import { rowsOf } from "./rows.js";
import { checkTarget, selectQuery, selectScan } from "./select.js";
import type { SelectOptions, Selection } from "./select.js";
import { currentSession, refuseInSession } from "./session.js";
import { keyFields } from "./spec.js";

async function readOne(
  model: RuntimeModel,
  binding: Binding,
  key: ItemKey,
  options: ReadOptions,
): Promise<object | undefined> {
  const session = currentSession();
  if (session !== undefined) return session.find(model, key, options);
  const image = await readImage(binding, key, options);
  return image && loadInstance(model, binding, image, options.validate ?? true);
}

/** See `ModelStatics.get`; `given`: the key and perhaps options. */
export async function getByKey(model: RuntimeModel, given: readonly unknown[]): Promise<object> {
  const binding = bindingOf(model);
  const { key, options } = splitArguments<ReadOptions>(binding.spec, given);
  return getEncoded(model, encodeKey(binding, key, "get"), options);
}

async function getEncoded(model: RuntimeModel, key: ItemKey, options: ReadOptions): Promise<object> {
  const binding = bindingOf(model);
  const found = await readOne(model, binding, key, options);
  if (found === undefined) throw notFound(binding, key);
  return found;
}

/** See `ModelStatics.find`. */
export async function findByKey(model: RuntimeModel, given: readonly unknown[]): Promise<object | undefined> {
  const binding = bindingOf(model);
  const { key, options } = splitArguments<ReadOptions>(binding.spec, given);
  return readOne(model, binding, encodeKey(binding, key, "find"), options);
}

/** A key given as one value: the hash key, or `[hash, range]`. */
export function keyFromValue(binding: Binding, value: unknown, action: string): ItemKey {
  const composite = keyFields(binding.spec).length > 1 && Array.isArray(value);
  return encodeKey(binding, composite ? value : [value], action);
}

const connected = new WeakMap<object, WeakMap<Connection, unknown>>();

function queryOf(selection: Selection, target: RuntimeModel, validate: boolean): Query<object> {
  const binding = bindingOf(target);
  const { signal } = selection.options;
  // An index may be behind, and rows for another model hold only its attributes.
  const whole = selection.index === undefined && selection.binding.spec === binding.spec;
  const load = async (images: readonly AttributeMap[]): Promise<readonly object[]> => {
    const session = currentSession();
    if (session === undefined) return loadInstances(target, binding, images, validate);
    // What is undefined is left out by `rowsOf`.
    return session.adopt(target, images, {
      validate,
      signal,
      whole,
      matches: (image) => selection.matches(image),
    }) as Promise<readonly object[]>;
  };
  return new LazyQuery(rowsOf(selection, binding, load));
}

/** Reads inside a transaction are consistent where that is possible. */
function asRead<Options extends SelectOptions>(options: Options): Options {
  if (options.index !== undefined || currentSession() === undefined) return options;
  return { ...options, consistent: true };
}

interface SelectingOptions extends SelectOptions, Partial<AsOption<object>> {
  readonly validate?: boolean;
}

/** The model whose instances a query brings: the class itself, or the one of `as`, on the same connection. */
function targetOf(model: RuntimeModel, { as }: SelectingOptions): RuntimeModel {
  if (as === undefined) return model;
  const binding = bindingOf(model);
  const target = asModel(statics.on.call(as, binding.connection));
  checkTarget(binding, bindingOf(target));
  return target;
}

const statics = {
  async get(this: unknown, ...given: unknown[]): Promise<object> {
    return getByKey(asModel(this), given);
  },

  async find(this: unknown, ...given: unknown[]): Promise<object | undefined> {
    return findByKey(asModel(this), given);
  },

  at(this: unknown, ...given: unknown[]): Getter<object> {
    const model = asModel(this);
    const binding = bindingOf(model);
    const key = encodeKey(binding, given, "at");
    const getter = Object.assign(() => getEncoded(model, key, {}), { key: key.values });
    holdItemOfGetter(getter, { model, key });
    return getter;
  },

  async getBatch(this: unknown, keys: readonly unknown[], options: ReadOptions = {}): Promise<(object | undefined)[]> {
    const model = asModel(this);
    const binding = bindingOf(model);
    const { spec } = binding;
    const encoded = keys.map((key) => keyFromValue(binding, key, "getBatch"));
    const session = currentSession();
    if (session !== undefined) return [...(await session.findAll(model, encoded, options))];
    const stored = encoded.map((key) => key.stored);
    const images = [...(await readImages(binding, stored, options))];
    const instances = await loadInstances(
      model,
      binding,
      images.map(([, image]) => image),
      options.validate ?? true,
    );
    const byKey = new Map(images.map(([text], position) => [text, instances[position]]));
    return stored.map((key) => byKey.get(keyText(spec, key)));
  },

  async batchWrite(
    this: unknown,
    writes: { readonly put?: readonly object[]; readonly delete?: readonly unknown[] },
    options: BatchWriteOptions = {},
  ): Promise<void> {
    const model = asModel(this);
    const binding = bindingOf(model);
    const deletes = (writes.delete ?? []).map((key) => keyFromValue(binding, key, "batchWrite"));
    await modelBatchWrite(model, writes.put ?? [], deletes, options);
  },

  query(this: unknown, hash: unknown, given: SelectingOptions = {}): Query<object> {
    const model = asModel(this);
    const options = asRead(given);
    const target = targetOf(model, options);
    return queryOf(selectQuery(bindingOf(model), hash, options, bindingOf(target)), target, options.validate ?? true);
  },

  scan(this: unknown, given: SelectingOptions = {}): Query<object> {
    const model = asModel(this);
    const options = asRead(given);
    const target = targetOf(model, options);
    return queryOf(selectScan(bindingOf(model), options, bindingOf(target)), target, options.validate ?? true);
  },

  async update(this: unknown, ...given: unknown[]): Promise<object> {
    const model = asModel(this);
    refuseInSession(`${model.name}.update`, "read the item and change it; it is written when the transaction commits");
    const binding = bindingOf(model);
    const { key, rest } = splitArguments(binding.spec, given);
    const [changes, options] = rest;
    // What stands behind the changes is the options object, by the method's type.
    const { condition, signal } = (options ?? {}) as UpdateOptions;
    return modelUpdate(model, { binding, key: encodeKey(binding, key, "update"), changes, condition }, signal);
  },

  on(this: unknown, connection: Connection): unknown {
    const model = asModel(this);
    const known = connected.get(model) ?? new WeakMap<Connection, unknown>();
    connected.set(model, known);
    const made =
      known.get(connection) ??
      Object.defineProperties(class extends model {}, {
        name: { value: model.name },
        [connectionOf]: { value: connection },
      });
    known.set(connection, made);
    return made;
  },

  beforeSave(): void {},
  afterLoad(): void {},
};

/** The statics as properties of a class: not enumerable, as methods are; `params` made for the class that is asked. */
export const modelStatics: PropertyDescriptorMap = {
  ...Object.fromEntries(
    Object.entries(statics).map(([name, value]) => [name, { value, writable: true, configurable: true }]),
  ),
  params: {
    get(this: unknown) {
      return modelParams(asModel(this));
    },
    configurable: true,
  },
};

/** Whether a class has a hook of its own in place of the one that does nothing. */
export function hasHook(model: RuntimeModel, name: "beforeSave" | "afterLoad"): boolean {
  return model[name] !== statics[name];
}

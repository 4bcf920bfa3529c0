/** What every model class carries at run time, and how instances come out of stored items. */
import { ConflictError, SchemaError, ValidationError } from "../base/errors.js";
import { currentConnection } from "../dynamodb/connection.js";
import type { Connection } from "../dynamodb/connection.js";
import type { AttributeMap } from "../dynamodb/attribute.js";
import { bind } from "./binding.js";
import type { Binding, Item } from "./binding.js";
import { assignValues, loadItem } from "./item.js";
import type { ItemState, Loaded } from "./item.js";
import { keyValues } from "./key.js";
import type { ItemKey } from "./key.js";
import { saveItem } from "./save.js";
import { checkInstance } from "./validate.js";
import type { Saveable, WriteOptions } from "./save.js";
import type { ModelSpec } from "./spec.js";
import type { Values } from "./validate.js";

/** Where a model class keeps its compiled definition. */
export const specOf: unique symbol = Symbol("dynatx.spec");
/** Where a model class keeps the connection `on` gave it. */
export const connectionOf: unique symbol = Symbol("dynatx.connection");

/** A defined model class as the library sees it. */
export interface RuntimeModel<M extends object = object> {
  new (values?: object): M;
  readonly name: string;
  readonly [specOf]: ModelSpec;
  readonly [connectionOf]?: Connection;
  beforeSave(instance: object): void | Promise<void>;
  afterLoad(instance: object): void | Promise<void>;
}

/** The class as a model. Throws `SchemaError` when it was not made by `define`. */
export function asModel<M extends object = object>(model: unknown): RuntimeModel<M> {
  // The one place where a class becomes a model: `define` puts the spec on every class it makes, and nothing else does.
  const candidate = model as RuntimeModel<M>;
  if (typeof candidate !== "function" || candidate[specOf] === undefined) {
    throw new SchemaError(
      "not a model: a model class extends DynamoDBModel.define({ ... }) or Transaction.define({ ... })",
    );
  }
  return candidate;
}

const bindings = new WeakMap<RuntimeModel, Binding>();

/** The model on its own connection, else on the default one. Throws `NoConnectionError`. */
export function bindingOf(model: RuntimeModel): Binding {
  const connection = model[connectionOf] ?? currentConnection(model.name);
  const known = bindings.get(model);
  if (known?.connection === connection) return known;
  const binding = bind(model[specOf], connection);
  bindings.set(model, binding);
  return binding;
}

interface PendingLoad extends Loaded {
  readonly model: RuntimeModel;
}

/**
 * The item that the instance under construction is to hold. Constructors are synchronous, so one place is enough; it
 * lets a class keep whatever constructor it likes: the base ignores the values it is handed and takes these.
 */
let pending: PendingLoad | undefined;

/** For the constructor of models: the stored item to hold, when one is being loaded into this class. */
export function takePending(model: unknown): Loaded | undefined {
  if (pending?.model !== model) return undefined;
  const loaded = pending;
  pending = undefined;
  return loaded;
}

function construct<M extends object>(model: RuntimeModel<M>, loaded: Loaded): M {
  pending = { model, values: loaded.values, state: loaded.state };
  try {
    const instance = new model(loaded.values);
    // Fields and constructors of the class have run over the values; saving what they left would change the item.
    assignValues(model[specOf], instance, loaded.values);
    return instance;
  } finally {
    pending = undefined;
  }
}

/** Instances of stored items, in order, each after its `afterLoad`. Throws `ValidationError` or `VersionError`. */
export async function loadInstances<M extends object>(
  model: RuntimeModel<M>,
  binding: Binding,
  images: readonly AttributeMap[],
  validate: boolean,
): Promise<M[]> {
  const instances = images.map((image) => construct(model, loadItem(binding, image, validate)));
  for (const instance of instances) {
    const hook = model.afterLoad(instance);
    if (hook !== undefined) await hook;
  }
  return instances;
}

/** One instance; see `loadInstances`. */
export async function loadInstance<M extends object>(
  model: RuntimeModel<M>,
  binding: Binding,
  image: AttributeMap,
  validate: boolean,
): Promise<M> {
  const instance = construct(model, loadItem(binding, image, validate));
  const hook = model.afterLoad(instance);
  if (hook !== undefined) await hook;
  return instance;
}

/** What the library knows of an instance. */
export interface Internals {
  readonly model: RuntimeModel;
  /** The instance itself: its attributes are its members. */
  readonly values: Values;
  readonly state: ItemState;
}

// Beside the instances and not inside them: an attribute may have any name, and two copies of a type stay compatible.
const internals = new WeakMap<object, Internals>();

export function holdInternals(instance: object, model: RuntimeModel, state: ItemState): void {
  // True: attributes are members of the instance.
  internals.set(instance, { model, state, values: instance as Values });
}

/** Throws `ValidationError` for anything but an instance of a model. */
export function internalsOf(instance: object): Internals {
  const known = internals.get(instance);
  if (known === undefined) throw new ValidationError(`expected an instance of a model, but got ${typeof instance}`);
  return known;
}

/** Validates an instance as its save will; `late`: attributes that are given to it only then. Throws `ValidationError`. */
export function checkBeforeSave(instance: object, late: Values): void {
  const { model, values } = internalsOf(instance);
  const complete: Values = Object.assign(Object.create(null), values, late);
  checkInstance(model[specOf], complete, keyValues(model[specOf], complete));
}

/** Copies of items on which changes are only tried, and what is to be called when one of them is used as an item. */
const held = new WeakMap<object, () => void>();

/** Keeps an instance from being saved, deleted or reloaded: the call tells `onUse`, and throws `ConflictError`. */
export function hold(instance: object, onUse: () => void): void {
  held.set(instance, onUse);
}

export function release(instance: object): void {
  held.delete(instance);
}

/** An instance as saving sees it. Throws `ConflictError` for one that is held. */
export function saveableOf(instance: object): Saveable {
  const onUse = held.get(instance);
  if (onUse !== undefined) {
    onUse();
    throw new ConflictError(
      `this instance of ${internalsOf(instance).model.name} is a copy on which a setter tried its changes, and they were not written: read the item again`,
    );
  }
  return heldSaveableOf(instance);
}

/** An instance as saving sees it, also while it is held. */
export function heldSaveableOf(instance: object): Saveable {
  const { model, values, state } = internalsOf(instance);
  return { binding: bindingOf(model), values, state };
}

/** Saves an instance as its own `save` does, hooks included. */
export async function saveInstance(instance: object, options: WriteOptions): Promise<void> {
  saveableOf(instance); // one that is held is refused before its hook runs
  const hook = internalsOf(instance).model.beforeSave(instance);
  if (hook !== undefined) await hook;
  await saveItem(saveableOf(instance), options);
}

/** The item that a getter reads, and as what. */
export interface GetterItem {
  readonly model: RuntimeModel;
  readonly key: ItemKey;
}

// Beside the getters for the same reason as above.
const gettersItems = new WeakMap<object, GetterItem>();

/** Remembers which item a getter made by `at` reads. */
export function holdItemOfGetter(getter: object, item: GetterItem): void {
  gettersItems.set(getter, item);
}

/** The item a getter reads, when `at` made it. */
export function itemOfGetter(getter: object): GetterItem | undefined {
  return gettersItems.get(getter);
}

/** The item of a getter, as messages and events name it. */
export function itemIn({ model, key }: GetterItem): Item {
  return { table: bindingOf(model).table, key: key.values };
}

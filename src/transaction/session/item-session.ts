import { ValidationError } from "../../base/errors.js";
import type { AttributeMap } from "../../dynamodb/attribute.js";
import type { Connection } from "../../dynamodb/connection.js";
import { isCounterKey } from "../../model/auto-increment.js";
import type { Binding } from "../../model/binding.js";
import { notFound } from "../../model/image.js";
import { assignValues, loadItem } from "../../model/item.js";
import { encodeKey, keyOf, keyOver, storedKeyValues } from "../../model/key.js";
import type { ItemKey } from "../../model/key.js";
import { bindingOf, internalsOf, saveableOf } from "../../model/model-core.js";
import type { RuntimeModel } from "../../model/model-core.js";
import type { ReadOptions } from "../../model/model-types.js";
import { deleteOf } from "../../model/save.js";
import type { Saveable, WriteOptions } from "../../model/save.js";
import type { AdoptOptions, Session } from "../../model/session.js";
import { keyFields } from "../../model/spec.js";
import { unchangedKey } from "../../model/trial.js";
import { HeldItem } from "./held-item.js";
import type { Ground } from "./held-item.js";
import { itemName } from "./item-name.js";
import { know, knowAll } from "./know.js";
import { Numbering } from "./numbering.js";

export interface ItemSessionOptions {
  /** Stops reads that have no signal of their own. */
  readonly signal: AbortSignal | undefined;
  /** Called with the connection of each item that is touched for the first time. */
  readonly onTouch?: ((connection: Connection) => void) | undefined;
}

/** One attempt of a transaction that holds its writes back: the items it has touched, in order. */
export class ItemSession implements Session {
  readonly #options: ItemSessionOptions;
  readonly #items = new Map<string, HeldItem>();
  readonly #byInstance = new Map<object, HeldItem>();
  readonly #numbering = new Numbering();
  readonly #removed = new Set<object>();
  #ended = false;

  constructor(options: ItemSessionOptions) {
    this.#options = options;
  }

  get items(): Iterable<HeldItem> {
    return this.#items.values();
  }

  /** The instances that were deleted and not stored again. */
  get deleted(): Iterable<object> {
    return [...this.#removed].filter((instance) => this.#byInstance.get(instance)?.wish.kind === "delete");
  }

  async find(model: RuntimeModel, key: ItemKey, { signal, validate = true }: ReadOptions): Promise<object | undefined> {
    const binding = this.#live(model);
    if (isCounterKey(binding.spec, key.stored)) return undefined;
    const item = this.#item(binding, key);
    if (!item.known) await know(item, signal ?? this.#options.signal);
    return this.#instance(item, model, validate);
  }

  async findAll(
    model: RuntimeModel,
    keys: readonly ItemKey[],
    { signal, validate = true }: ReadOptions,
  ): Promise<readonly (object | undefined)[]> {
    const binding = this.#live(model);
    const items = keys.map((key) => (isCounterKey(binding.spec, key.stored) ? undefined : this.#item(binding, key)));
    const unknown = items.filter((item) => item !== undefined && item.wish.kind === "none");
    await knowAll(binding, unknown as HeldItem[], signal ?? this.#options.signal); // true: those that are undefined are filtered out
    const instances: (object | undefined)[] = [];
    for (const item of items) instances.push(item && (await this.#instance(item, model, validate)));
    return instances;
  }

  async adopt(
    model: RuntimeModel,
    images: readonly AttributeMap[],
    { whole, signal, validate = true, ...query }: AdoptOptions,
  ): Promise<readonly (object | undefined)[]> {
    const binding = this.#live(model);
    const { spec } = binding;
    const items = images.map((image) =>
      this.#item(binding, { stored: keyOf(spec, image), values: storedKeyValues(spec, image) }),
    );
    if (whole) items.forEach((item, position) => item.wish.kind === "none" && item.learn(images[position]));
    else await knowAll(binding, items, signal ?? this.#options.signal);
    const instances: (object | undefined)[] = [];
    for (const item of items) {
      const asked = whole || item.image === undefined || query.matches(item.image);
      instances.push(asked ? await this.#instance(item, model, validate) : undefined);
    }
    return instances;
  }

  async save(instance: object, options: WriteOptions): Promise<void> {
    options.signal?.throwIfAborted();
    this.put(instance, options);
    if (this.#numbering.has(instance)) await this.#number(instance, options.signal);
  }

  /** As `save`, but a number that an instance lacks is taken at the end of the transaction. */
  put(instance: object, options: WriteOptions = {}): void {
    const { raiseOnConflict = false, condition } = options;
    this.#live(internalsOf(instance).model);
    const saveable = saveableOf(instance);
    const { spec } = saveable.binding;
    if (spec.autoIncrement && saveable.state.image === undefined && saveable.values[spec.hash.name] === undefined) {
      this.#numbering.add(instance, options);
      return;
    }
    const item = this.#itemOf(instance, saveable);
    const ground = this.#groundOf(item, instance, saveable, raiseOnConflict);
    item.wish = { kind: "put", instance, ground, generatedKey: saveable.state.generatedKey };
    if (condition !== undefined) item.conditions.push(condition);
  }

  async delete(instance: object, options: WriteOptions): Promise<void> {
    options.signal?.throwIfAborted();
    this.remove(instance, options);
  }

  /** As `delete`, at once. */
  remove(instance: object, { raiseOnConflict = false, condition }: WriteOptions = {}): void {
    this.#live(internalsOf(instance).model);
    if (this.#numbering.delete(instance)) return;
    const saveable = saveableOf(instance);
    unchangedKey(() => deleteOf(saveable, undefined)); // refuses what has no key, or another one than it was read with
    const item = this.#itemOf(instance, saveable);
    const put = item.wish.kind === "put" && item.wish.instance === instance ? item.wish : undefined;
    const { image } = saveable.state;
    if (image === undefined && put === undefined && raiseOnConflict) throw item.neverSaved();
    if (image !== undefined && !item.tracks(instance)) item.adopt(instance, image);
    // That it must not exist stays true of the transaction, also when it creates nothing in the end.
    if (put?.ground === "create") item.learn(undefined);
    item.wish = { kind: "delete" };
    this.#removed.add(instance);
    if (condition !== undefined) item.conditions.push(condition);
  }

  async deleteKey(model: RuntimeModel, key: ItemKey): Promise<void> {
    const item = this.#item(this.#live(model), key);
    if (item.wish.kind === "put" && item.wish.ground === "create") item.learn(undefined);
    item.wish = { kind: "delete" };
  }

  async reload(instance: object, { signal, validate = true }: ReadOptions): Promise<void> {
    const { model, state } = internalsOf(instance);
    const binding = this.#live(model);
    const item = this.#itemOf(instance, saveableOf(instance));
    if (item.wish.kind === "put" && item.wish.instance === instance && state.image === undefined) return; // what it holds is what there is
    if (!item.known) await know(item, signal ?? this.#options.signal);
    const { image } = item;
    if (image === undefined || item.wish.kind === "delete") throw notFound(binding, item.key);
    const loaded = loadItem(binding, image, validate);
    assignValues(binding.spec, instance, loaded.values);
    Object.assign(state, loaded.state);
    const hook = model.afterLoad(instance);
    if (hook !== undefined) await hook;
    if (!item.tracks(instance)) item.track(instance, validate);
    this.#byInstance.set(instance, item);
  }

  /** What a getter has brought is written when it was changed; a new instance is created. */
  target(instance: object): void {
    this.#live(internalsOf(instance).model);
    if (this.#byInstance.has(instance) || this.#numbering.has(instance)) return;
    const saveable = saveableOf(instance);
    const { image } = saveable.state;
    if (image === undefined) return this.put(instance, { raiseOnConflict: true });
    const item = this.#itemOf(instance, saveable);
    item.adopt(instance, image);
  }

  /** Reads what is to be written over and was not read, and gives numbers to those that lack one. */
  async complete(): Promise<void> {
    for (const instance of this.#numbering.waiting) await this.#number(instance, undefined);
    const unknown = new Map<Binding, HeldItem[]>();
    for (const item of this.#items.values()) {
      const { wish, binding } = item;
      const over =
        wish.kind === "delete" || (wish.kind === "put" && (wish.ground === "over" || wish.ground === "again"));
      if (over && !item.known) unknown.set(binding, [...(unknown.get(binding) ?? []), item]);
    }
    for (const [binding, items] of unknown) await knowAll(binding, items, this.#options.signal);
  }

  /** From now on the transaction takes nothing more. */
  end(): void {
    this.#ended = true;
  }

  /** Nothing was stored: instances are what they were. */
  abandon(): void {
    this.#numbering.abandon();
  }

  #live(model: RuntimeModel): Binding {
    if (this.#ended)
      throw new ValidationError(
        `${model.name}: the transaction has ended, and this call came after it: await everything that belongs to a transaction`,
      );
    return bindingOf(model);
  }

  #item(binding: Binding, key: ItemKey): HeldItem {
    const name = itemName(binding, key);
    const known = this.#items.get(name);
    if (known !== undefined) return known;
    const made = new HeldItem(binding, key);
    this.#items.set(name, made);
    this.#options.onTouch?.(binding.connection);
    return made;
  }

  /** The item that an instance is, or is to become. */
  #itemOf(instance: object, { binding, values, state }: Saveable): HeldItem {
    const known = this.#byInstance.get(instance);
    if (known !== undefined) return known;
    const given = keyFields(binding.spec).map(({ name }) => values[name]);
    const key = encodeKey(binding, given, "save");
    const item = this.#item(binding, { ...key, stored: keyOver(binding.spec, key.stored, state.image) });
    this.#byInstance.set(instance, item);
    return item;
  }

  /** Throws `OverwriteError` for a new instance in the place of an item. */
  #groundOf(item: HeldItem, instance: object, { state }: Saveable, raise: boolean): Ground {
    const { wish } = item;
    if (wish.kind === "delete") return "again";
    if (state.image !== undefined) {
      if (!item.tracks(instance)) item.adopt(instance, state.image);
      if (wish.kind === "put" && wish.instance === instance) return wish.ground;
      return "read";
    }
    if (wish.kind === "put") {
      if (wish.instance === instance) return wish.ground;
      if (raise) item.refuseExisting();
      return wish.ground === "read" ? "over" : wish.ground;
    }
    if (item.image !== undefined && raise) item.refuseExisting();
    return raise || (item.known && item.image === undefined) ? "create" : "over";
  }

  async #instance(item: HeldItem, model: RuntimeModel, validate: boolean): Promise<object | undefined> {
    const instance = await item.instance(model, validate);
    if (instance !== undefined) this.#byInstance.set(instance, item);
    return instance;
  }

  async #number(instance: object, signal: AbortSignal | undefined): Promise<void> {
    this.put(instance, await this.#numbering.give(instance, signal ?? this.#options.signal));
  }
}

import { ConflictError, ValidationError, describeItem } from "../../base/errors.js";
import type { AttributeMap } from "../../dynamodb/attribute.js";
import { keyText } from "../../model/batch-get.js";
import type { Binding } from "../../model/binding.js";
import { asWrite } from "../../model/intent-request.js";
import type { ReadItem } from "../../model/footprint.js";
import type { ItemKey } from "../../model/key.js";
import { bindingOf, internalsOf, loadInstance, saveableOf } from "../../model/model-core.js";
import type { RuntimeModel } from "../../model/model-core.js";
import { hasHook } from "../../model/model-statics.js";
import { saveAnew, saveOver } from "../../model/replace.js";
import { saveOf } from "../../model/save.js";
import { refusal } from "../../model/settle.js";
import { unchangedKey } from "../../model/trial.js";
import { and } from "../../model/condition.js";
import { guardHolds } from "../../model/write.js";
import type { Write } from "../../model/write.js";
import { Tracked } from "./tracked.js";

/** On what ground an instance is to be stored. */
export type Ground =
  /** It was read: the item must be what it was then. */
  | "read"
  /** It is new: there must be no item. */
  | "create"
  /** It is new: it goes over whatever is there. */
  | "over"
  /** It is new, and the transaction has deleted the item that was there. */
  | "again";

/** What is to become of an item, besides what its instances' changes say. */
export type Wish =
  | { readonly kind: "none" }
  | { readonly kind: "put"; readonly instance: object; readonly ground: Ground; readonly generatedKey: boolean }
  | { readonly kind: "delete" };

/** An instance to be stored, and what its item would hold, where that was looked at already. */
export interface Writer {
  readonly instance: object;
  readonly content: AttributeMap | undefined;
}

/** One item as a running transaction knows it: what it was, the instances of it, and what is to become of it. */
export class HeldItem {
  readonly binding: Binding;
  readonly key: ItemKey;
  wish: Wish = { kind: "none" };
  /** The callers' own conditions, all of which must hold for the write. */
  readonly conditions: unknown[] = [];
  /** Whether what it was is known from an instance that was read outside: then reading again brings nothing new. */
  foreign = false;
  #known: { readonly image: AttributeMap | undefined } | undefined;
  #reading: Promise<void> | undefined;
  readonly #loaded = new Map<RuntimeModel, Promise<object>>();
  readonly #tracked = new Map<object, Tracked>();

  constructor(binding: Binding, key: ItemKey) {
    this.binding = binding;
    this.key = key;
  }

  get known(): boolean {
    return this.#known !== undefined;
  }

  get image(): AttributeMap | undefined {
    return this.#known?.image;
  }

  /** The first knowledge stands: a later one would be another snapshot. */
  learn(image: AttributeMap | undefined): void {
    this.#known ??= { image };
  }

  /** Makes known what the item is. Several callers share one read. */
  ensureKnown(read: () => Promise<AttributeMap | undefined>): Promise<void> {
    this.#reading ??= this.#learnFrom(read);
    return this.#reading;
  }

  async #learnFrom(read: () => Promise<AttributeMap | undefined>): Promise<void> {
    try {
      this.learn(await read());
    } finally {
      this.#reading = undefined;
    }
  }

  /** The item as an instance of a class, always the same one; `undefined`: absent, or deleted by the transaction. */
  async instance(model: RuntimeModel, validate: boolean): Promise<object | undefined> {
    if (this.wish.kind === "delete") return undefined;
    if (this.wish.kind === "put") {
      const { instance } = this.wish;
      const { model: own } = internalsOf(instance);
      if (own === model) return instance;
      throw this.#fault(`is to be stored as ${own.name} and cannot be read as ${model.name} in the same transaction`);
    }
    const { image } = this;
    if (image === undefined) return undefined;
    const loading = this.#loaded.get(model) ?? this.#load(model, image, validate);
    this.#loaded.set(model, loading);
    try {
      return await loading;
    } catch (error) {
      this.#loaded.delete(model); // read without validation, it may be readable
      throw error;
    }
  }

  async #load(model: RuntimeModel, image: AttributeMap, validate: boolean): Promise<object> {
    const instance = await loadInstance(model, bindingOf(model), image, validate);
    this.track(instance, validate);
    return instance;
  }

  /** Watches an instance for changes. */
  track(instance: object, validated = true): void {
    const hooked = hasHook(internalsOf(instance).model, "afterLoad");
    this.#tracked.set(instance, new Tracked(instance, { validated, hooked }));
  }

  /** Those that may be what is stored. */
  get instances(): readonly object[] {
    const tracked = [...this.#tracked.keys()];
    return this.wish.kind === "put" ? [this.wish.instance, ...tracked] : tracked;
  }

  tracks(instance: object): boolean {
    return this.#tracked.has(instance);
  }

  /** Watches an instance that was read outside the transaction. Throws `ConflictError` when the item is known to be another by now. */
  adopt(instance: object, image: AttributeMap): void {
    if (!this.known) this.foreign = true;
    this.learn(image);
    const write = { ...this.#asRead(), before: image, after: image };
    const guard = this.binding.spec.concurrency;
    if (!guardHolds(write, guard, this.image)) {
      this.foreign = true;
      throw refusal(write, guard, this.image);
    }
    const { model } = internalsOf(instance);
    if (!this.#loaded.has(model)) this.#loaded.set(model, Promise.resolve(instance));
    this.track(instance);
  }

  /** Throws the error for a new item where one is. */
  refuseExisting(): never {
    throw refusal({ ...this.#asRead(), before: undefined, after: {} }, "version", this.image);
  }

  /** The instance whose state is to be stored; `undefined`: there is nothing to store. Throws `ValidationError`. */
  get writer(): Writer | undefined {
    if (this.wish.kind === "delete") return undefined;
    const put = this.wish.kind === "put" ? this.wish.instance : undefined;
    let writer: Writer | undefined = put && { instance: put, content: undefined };
    for (const { instance, changed: content } of this.#tracked.values()) {
      if (content === undefined) continue;
      if (writer !== undefined && writer.instance !== instance) throw this.#twoWriters(writer.instance, instance);
      writer = { instance, content };
    }
    return writer;
  }

  /** What is to be written of it; `undefined`: nothing. `writer`: the instance to be stored, as it is at this moment. */
  write(writer: Writer | undefined): Write | undefined {
    if (this.wish.kind === "delete") return this.image && this.#delete(this.image);
    return writer && unchangedKey(() => this.#save(writer));
  }

  #twoWriters(...instances: readonly object[]): ValidationError {
    const names = instances.map((instance) => internalsOf(instance).model.name).join(" and ");
    return this.#fault(`was changed through two instances (${names}): which of them is to be stored cannot be told`);
  }

  /** What must still be true of it when it is not written; `undefined`: nothing is known of it. */
  read(): ReadItem | undefined {
    return this.known ? this.#asReadItem() : undefined;
  }

  #delete(image: AttributeMap): Write {
    const { binding, key } = this;
    const write = { ...this.#asRead(), writeId: binding.connection.random.writeId(), condition: this.#condition() };
    return { ...write, key: key.stored, before: image, after: undefined };
  }

  #save({ instance, content }: Writer): Write {
    const saveable = saveableOf(instance);
    const condition = this.#condition();
    const { image, wish } = this;
    const put = wish.kind === "put" ? wish : { ground: "read" as const, generatedKey: false };
    const write = ((): Write => {
      if (put.ground === "read") return saveOf(saveable, condition, content);
      if (put.ground === "again") return saveAnew(saveable, image, condition);
      if (put.ground === "over" && image !== undefined) return saveOver(saveable, image, condition);
      const state = { ...saveable.state, image: undefined, current: undefined, generatedKey: put.generatedKey };
      return saveOf({ ...saveable, state }, condition);
    })();
    const { spec } = this.binding;
    if (keyText(spec, write.key) !== keyText(spec, this.key.stored))
      throw this.#fault("was given another key after it was saved; the key of an item cannot change");
    return write;
  }

  #condition(): unknown {
    const [first, second, ...rest] = this.conditions;
    // The model's own types have checked each of them where it was given.
    return second === undefined ? first : and(first as never, second as never, ...(rest as never[]));
  }

  #asReadItem(): ReadItem {
    const { binding, key, image } = this;
    return { binding, key: key.stored, keyValues: key.values, image };
  }

  #asRead(): Write {
    return asWrite(this.#asReadItem());
  }

  #fault(what: string): ValidationError {
    const { table } = this.binding;
    const { values: key } = this.key;
    return new ValidationError(`${describeItem(table, key)} ${what}`, { table, key });
  }

  /** The error of deleting what was never saved. */
  neverSaved(): ConflictError {
    const { table } = this.binding;
    const { values: key } = this.key;
    return new ConflictError(`${describeItem(table, key)} was never saved, so there is nothing to delete`, {
      table,
      key,
    });
  }
}

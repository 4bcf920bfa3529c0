/** What models ask of a transaction that is running around them, and which one that is. */
import { AsyncLocalStorage } from "node:async_hooks";
import { ValidationError } from "../base/errors.js";
import type { AttributeMap } from "../dynamodb/attribute.js";
import type { ItemKey } from "./key.js";
import type { RuntimeModel } from "./model-core.js";
import type { ReadOptions } from "./model-types.js";
import type { WriteOptions } from "./save.js";

export interface AdoptOptions extends ReadOptions {
  /** The images come from the table itself and hold all attributes. Else the items are read once more, by their keys. */
  readonly whole: boolean;
  /** Whether an item is one that the query asks for. */
  matches(image: AttributeMap): boolean;
}

/**
 * A running transaction that remembers what is read and holds back what is written. Every method throws
 * `ValidationError` once the transaction has ended.
 */
export interface Session {
  /** The instance of an item, always the same one for a class; `undefined`: absent. */
  find(model: RuntimeModel, key: ItemKey, options: ReadOptions): Promise<object | undefined>;
  /** As `find`, for any number of items. */
  findAll(
    model: RuntimeModel,
    keys: readonly ItemKey[],
    options: ReadOptions,
  ): Promise<readonly (object | undefined)[]>;
  /** The instances of items that a query has brought; `undefined` for what the transaction has deleted. */
  adopt(
    model: RuntimeModel,
    images: readonly AttributeMap[],
    options: AdoptOptions,
  ): Promise<readonly (object | undefined)[]>;
  /** The item is to be stored as the instance is at the end of the transaction. */
  save(instance: object, options: WriteOptions): Promise<void>;
  /** The item is to be gone at the end of the transaction. */
  delete(instance: object, options: WriteOptions): Promise<void>;
  deleteKey(model: RuntimeModel, key: ItemKey): Promise<void>;
  /** The attributes as the transaction has read them. Throws `ItemNotFoundError`. */
  reload(instance: object, options: ReadOptions): Promise<void>;
}

/** What surrounds a caller. */
interface Surroundings {
  readonly session: Session | undefined;
  readonly setter: boolean;
}

/** One for all that is to be known: Node carries each such storage along with every promise. */
const surroundings = new AsyncLocalStorage<Surroundings>();

/** The transaction that the caller runs in, however deep. */
export function currentSession(): Session | undefined {
  return surroundings.getStore()?.session;
}

/** Runs work inside a transaction: what models do there joins it. */
export function runInSession<T>(session: Session, work: () => T): T {
  return surroundings.run({ session, setter: insideSetter() }, work);
}

/** Runs work as if no transaction were running around it. */
export function outsideSession<T>(work: () => T): T {
  return surroundings.run({ session: undefined, setter: insideSetter() }, work);
}

/** Runs a setter, so that commits begun inside know where they are: they must not wait for the one they are part of. */
export function asSetter<T>(work: () => T): T {
  return surroundings.run({ session: currentSession(), setter: true }, work);
}

/** Whether this runs inside a setter, however deep. */
export function insideSetter(): boolean {
  return surroundings.getStore()?.setter === true;
}

/** Throws `ValidationError` when a transaction is running: it cannot hold back what is about to be done. */
export function refuseInSession(what: string, instead: string): void {
  if (currentSession() !== undefined)
    throw new ValidationError(`${what} is not possible inside a running transaction: ${instead}`);
}

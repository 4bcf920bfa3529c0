import { NoNodeError, NodeExistsError } from "../base/tx-errors.js";

/** A value and its version: -1 where nothing is stored; every write changes it. */
export type Versioned<T> = readonly [value: T, version: number];

/** How many times `setOrCreate` tries again because others create and delete the same entry meanwhile. */
const maxRaces = 100;

/**
 * Entries of a store, each under a key. Throws `NoNodeError`, `NodeExistsError` and `BadVersionError` where an entry is
 * missing, in the way or of another version; version -1 stands for any.
 */
export abstract class KeyValue<T, K extends string | number = string> {
  /** Creates an entry. Resolves with its version. Throws `NodeExistsError`. */
  abstract create(key: K, value: T): Promise<number>;
  /** Deletes an entry. Throws `NoNodeError`, `BadVersionError`. */
  abstract delete(key: K, version?: number): Promise<void>;
  /** Changes an entry. Resolves with its new version. Throws `NoNodeError`, `BadVersionError`. */
  abstract set(key: K, value: T, version?: number): Promise<number>;
  /** Reads an entry. Throws `NoNodeError`, unless the accessor has a value for what is absent. */
  abstract get(key: K): Promise<Versioned<T>>;

  /** Changes an entry, or with version -1 creates it where it is absent. Resolves with its version. */
  async setOrCreate(key: K, value: T, version = -1): Promise<number> {
    for (let race = 0; ; race++) {
      try {
        return await this.set(key, value, version);
      } catch (error) {
        if (!(error instanceof NoNodeError) || version !== -1 || race === maxRaces) throw error;
      }
      try {
        return await this.create(key, value);
      } catch (error) {
        if (!(error instanceof NodeExistsError)) throw error;
      }
    }
  }

  /** Deletes an entry; fine when it is absent. */
  async safeDelete(key: K, version = -1): Promise<void> {
    try {
      await this.delete(key, version);
    } catch (error) {
      if (!(error instanceof NoNodeError)) throw error;
    }
  }
}

/** One entry of a store: a `KeyValue` that needs no key. */
export abstract class Value<T> {
  /** Creates the entry. Resolves with its version. Throws `NodeExistsError`. */
  abstract create(value: T): Promise<number>;
  /** Deletes the entry. Throws `NoNodeError`, `BadVersionError`. */
  abstract delete(version?: number): Promise<void>;
  /** Changes the entry. Resolves with its new version. Throws `NoNodeError`, `BadVersionError`. */
  abstract set(value: T, version?: number): Promise<number>;
  /** Reads the entry. Throws `NoNodeError`, unless the accessor has a value for what is absent. */
  abstract get(): Promise<Versioned<T>>;
  /** Changes the entry, or with version -1 creates it where it is absent. Resolves with its version. */
  abstract setOrCreate(value: T, version?: number): Promise<number>;
  /** Deletes the entry; fine when it is absent. */
  abstract safeDelete(version?: number): Promise<void>;
}

/** The entry of a `KeyValue` under one key. */
export class ValueAt<T, K extends string | number> extends Value<T> {
  readonly #entries: KeyValue<T, K>;
  readonly #key: K;

  constructor(entries: KeyValue<T, K>, key: K) {
    super();
    this.#entries = entries;
    this.#key = key;
  }

  create(value: T): Promise<number> {
    return this.#entries.create(this.#key, value);
  }

  delete(version?: number): Promise<void> {
    return this.#entries.delete(this.#key, version);
  }

  set(value: T, version?: number): Promise<number> {
    return this.#entries.set(this.#key, value, version);
  }

  get(): Promise<Versioned<T>> {
    return this.#entries.get(this.#key);
  }

  setOrCreate(value: T, version?: number): Promise<number> {
    return this.#entries.setOrCreate(this.#key, value, version);
  }

  safeDelete(version?: number): Promise<void> {
    return this.#entries.safeDelete(this.#key, version);
  }
}

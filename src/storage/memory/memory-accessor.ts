import { NoNodeError } from "../../base/tx-errors.js";
import { KeyValue } from "../accessor.js";
import type { Versioned } from "../accessor.js";
import type { Entries } from "./entries.js";

export interface MemoryAccessorOptions<T> {
  /** What to read where nothing is stored. Default: `NoNodeError`. */
  readonly absent?: (() => T) | undefined;
  /** Called before every access; what it throws is thrown. */
  readonly check: () => void;
  /** From the stored form. Default: as it is. */
  readonly load?: ((value: T) => T) | undefined;
}

/** Entries in memory as an accessor. */
export class MemoryKeyValue<T, K extends string | number> extends KeyValue<T, K> {
  readonly #entries: Entries<T, K>;
  readonly #options: MemoryAccessorOptions<T>;

  constructor(entries: Entries<T, K>, options: MemoryAccessorOptions<T>) {
    super();
    this.#entries = entries;
    this.#options = options;
  }

  override async create(key: K, value: T): Promise<number> {
    this.#options.check();
    return this.#entries.create(key, value);
  }

  override async delete(key: K, version = -1): Promise<void> {
    this.#options.check();
    this.#entries.delete(key, version);
  }

  override async set(key: K, value: T, version = -1): Promise<number> {
    this.#options.check();
    return this.#entries.set(key, value, version);
  }

  override async get(key: K): Promise<Versioned<T>> {
    this.#options.check();
    const found = this.#entries.find(key);
    const { absent, load } = this.#options;
    if (found !== undefined) return load ? [load(found[0]), found[1]] : found;
    if (absent !== undefined) return [absent(), -1];
    throw new NoNodeError(`there is no ${String(key)}`, { path: String(key) });
  }
}

import { BadVersionError, NoNodeError, NodeExistsError } from "../../base/tx-errors.js";
import { KeyValue } from "../accessor.js";
import type { Versioned } from "../accessor.js";
import { parseJson, spacedJson } from "../json.js";
import type { RedisScripts } from "./redis-client.js";
import { create, get, remove, set } from "./scripts.js";

const absent = -1;

export interface RedisEntriesOptions<T> {
  /** What the entries are, a part of their names in Redis. */
  readonly kind: string;
  /** What to read where nothing is stored. Default: `NoNodeError`. */
  readonly absent?: (() => T) | undefined;
  /** From the stored form. Default: as it is. */
  readonly load?: ((value: T) => T) | undefined;
}

/** Entries in Redis as an accessor: hashes of a text and a version that is never used again. */
export class RedisEntries<T, K extends string | number> extends KeyValue<T, K> {
  readonly #scripts: RedisScripts;
  readonly #options: RedisEntriesOptions<T>;

  constructor(scripts: RedisScripts, options: RedisEntriesOptions<T>) {
    super();
    this.#scripts = scripts;
    this.#options = options;
  }

  override async create(key: K, value: T): Promise<number> {
    const version = await this.#scripts.run(create, this.#options.kind, key, textOf(value));
    if (version !== null) return Number(version);
    throw new NodeExistsError(`${this.#path(key)} is there already`, { path: this.#path(key) });
  }

  override async delete(key: K, version = -1): Promise<void> {
    this.#checked(key, await this.#scripts.run(remove, this.#options.kind, key, version));
  }

  override async set(key: K, value: T, version = -1): Promise<number> {
    return this.#checked(key, await this.#scripts.run(set, this.#options.kind, key, textOf(value), version));
  }

  override async get(key: K): Promise<Versioned<T>> {
    const found = await this.#scripts.run(get, this.#options.kind, key);
    const { absent: fallback, load } = this.#options;
    if (Array.isArray(found)) {
      const [text, version] = found.map(String);
      const value = parseJson(text ?? "", this.#path(key));
      return [load ? load(value) : value, Number(version)];
    }
    if (fallback) return [fallback(), absent];
    throw new NoNodeError(`${this.#path(key)} is not there`, { path: this.#path(key) });
  }

  #checked(key: K, answer: unknown): number {
    const path = this.#path(key);
    if (answer === -1) throw new NoNodeError(`${path} is not there`, { path });
    if (answer === -2) throw new BadVersionError(`${path} has another version`, { path });
    return Number(answer);
  }

  #path(key: K): string {
    return `${this.#options.kind}:${key}`;
  }
}

function textOf(value: unknown): string {
  return spacedJson(JSON.parse(JSON.stringify(value)));
}

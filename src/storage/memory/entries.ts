import { BadVersionError, NoNodeError, NodeExistsError } from "../../base/tx-errors.js";
import type { Versioned } from "../accessor.js";

interface Entry {
  readonly text: string;
  readonly version: number;
}

/**
 * Entries in memory, kept as text so that nobody shares a value with them. A version is never used again for the same
 * key: what is created after a deletion starts above everything that was deleted.
 */
export class Entries<T, K extends string | number> {
  readonly #kind: string;
  readonly #changed: (kind: string, key: K) => void;
  readonly #entries = new Map<K, Entry>();
  #firstVersion = 0;

  /** `changed` is told of every write. */
  constructor(kind: string, changed: (kind: string, key: K) => void) {
    this.#kind = kind;
    this.#changed = changed;
  }

  keys(): readonly K[] {
    return [...this.#entries.keys()];
  }

  has(key: K): boolean {
    return this.#entries.has(key);
  }

  find(key: K): Versioned<T> | undefined {
    const entry = this.#entries.get(key);
    // The cast: the text is that of a T.
    return entry && [JSON.parse(entry.text) as T, entry.version];
  }

  get(key: K): Versioned<T> {
    const found = this.find(key);
    if (found === undefined) throw new NoNodeError(`${this.#path(key)} is not there`, { path: this.#path(key) });
    return found;
  }

  /** -1 when there is none. */
  versionOf(key: K): number {
    return this.#entries.get(key)?.version ?? -1;
  }

  create(key: K, value: T): number {
    if (this.has(key)) throw new NodeExistsError(`${this.#path(key)} is there already`, { path: this.#path(key) });
    return this.#write(key, value, this.#firstVersion);
  }

  set(key: K, value: T, version: number): number {
    return this.#write(key, value, this.#current(key, version) + 1);
  }

  delete(key: K, version: number): void {
    this.#firstVersion = Math.max(this.#firstVersion, this.#current(key, version) + 1);
    this.#entries.delete(key);
    this.#changed(this.#kind, key);
  }

  #current(key: K, version: number): number {
    const present = this.versionOf(key);
    const path = this.#path(key);
    if (present === -1) throw new NoNodeError(`${path} is not there`, { path });
    if (version !== -1 && version !== present) {
      throw new BadVersionError(`${path} has version ${present}, not ${version}`, { path });
    }
    return present;
  }

  #write(key: K, value: T, version: number): number {
    this.#entries.set(key, { text: JSON.stringify(value), version });
    this.#changed(this.#kind, key);
    return version;
  }

  #path(key: K): string {
    return `${this.#kind}/${key}`;
  }
}

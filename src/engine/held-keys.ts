import { isDeepStrictEqual } from "node:util";
import { NotLocked, UnlockNotAllowed, isLost } from "../base/tx-errors.js";
import type { Json } from "../storage/json.js";
import type { Storage } from "../storage/storage.js";
import type { AliveMark, Batch, HeldLock, Journal, RecordChange, RecordValues, SetRecord } from "../storage/types.js";
import { TXRecord } from "./tx-record.js";

/** One key that a transaction has locked: the record as it was read, and as it is to be. */
export class HeldKey {
  readonly key: string;
  readonly #version: number;
  readonly #values: RecordValues;
  #lockVersion: number;
  /** What is to be committed, if `set` has been called. */
  #changed: SetRecord | undefined;
  #written: Promise<void> = Promise.resolve();
  #isSeen = false;

  /** With `restored`, what `set` left in the lock is to be committed still. */
  constructor(key: string, lock: HeldLock, restored: boolean) {
    this.key = key;
    [this.#values, this.#version] = lock.record;
    this.#lockVersion = lock.version;
    this.#changed = restored ? (lock.set ?? undefined) : undefined;
  }

  get version(): number {
    return this.#version;
  }

  get lockVersion(): number {
    return this.#lockVersion;
  }

  /** Whether `set` has been called. */
  get isChanged(): boolean {
    return this.#changed !== undefined;
  }

  /** Whether the operation has got a copy of the record. */
  get isSeen(): boolean {
    return this.#isSeen;
  }

  /** Settles with the last `write`; does not mind a lock that was lost, for which the commit will be refused. */
  get written(): Promise<void> {
    return this.#written;
  }

  /** Keeps a value in the lock, to be committed; writes to one lock follow each other. Throws what `setLockValue` does. */
  write(storage: Storage, alive: AliveMark, v: Json): Promise<void> {
    const value = { k: this.key, version: this.#version, values: this.#values, v };
    const before = this.#written;
    this.#changed = value;
    const writing = (async () => {
      await before.catch(() => {}); // its caller knows
      this.#lockVersion = await storage.setLockValue(alive, value, this.#lockVersion);
    })();
    this.#written = writing.catch((error: unknown) => {
      if (!isLost(error)) throw error;
    });
    this.#written.catch(() => {}); // there may never be a commit
    return writing;
  }

  /** A copy of the record, nobody else's: with what `set` made of it if `latest`. */
  record(latest: boolean): TXRecord {
    this.#isSeen = true;
    const v: Json = latest && this.#changed ? this.#changed.v : this.#original;
    return new TXRecord(this.key, structuredClone(v), this.#version, structuredClone(this.#values));
  }

  /** What a commit does to the record, keeping its last `maxValues` values; `undefined` if it changes nothing. */
  change(maxValues: number): RecordChange | undefined {
    if (this.#changed === undefined || isDeepStrictEqual(this.#changed.v, this.#original)) return undefined;
    const { v } = this.#changed;
    const values = v === null ? undefined : [...this.#values, v].slice(-maxValues);
    return { key: this.key, version: this.#version, values };
  }

  get #original(): Json {
    return this.#values.at(-1) ?? null;
  }
}

/** All keys that a transaction has locked. */
export class HeldKeys {
  readonly #keys = new Map<string, HeldKey>();
  #nextAdded: Promise<void> | undefined;
  #tellAdded = (): void => {};

  get names(): readonly string[] {
    return [...this.#keys.keys()];
  }

  get(key: string): HeldKey | undefined {
    return this.#keys.get(key);
  }

  /** Whether it holds more than `fresh`, or something of that cannot be given back: it was seen, or is to be committed. */
  holdsBeyond(fresh: ReadonlySet<string>): boolean {
    return [...this.#keys.values()].some(({ key, isSeen, isChanged }) => isSeen || isChanged || !fresh.has(key));
  }

  /** Resolves when one more key is locked. */
  nextAdded(): Promise<void> {
    this.#nextAdded ??= new Promise((resolve) => {
      this.#tellAdded = resolve;
    });
    return this.#nextAdded;
  }

  add(held: HeldKey): void {
    this.#keys.set(held.key, held);
    this.#nextAdded = undefined;
    this.#tellAdded();
  }

  delete(key: string): void {
    this.#keys.delete(key);
  }

  get locks(): Batch["locks"] {
    return [...this.#keys.values()].map(({ key, lockVersion }) => ({ key, version: lockVersion }));
  }

  clear(): void {
    this.#keys.clear();
  }

  /** Resolves when all that was `set` is in the locks; rejects when one was not. */
  async written(): Promise<void> {
    await Promise.all([...this.#keys.values()].map((held) => held.written));
  }

  /** What a commit changes in records, keeping their last `maxValues` values. */
  changes(maxValues: number): readonly RecordChange[] {
    return [...this.#keys.values()].flatMap((held) => held.change(maxValues) ?? []);
  }

  /** What a commit with these changes depends on besides: the other records, as they were read. */
  reads(changes: readonly RecordChange[]): Batch["reads"] {
    if (changes.length === 0) return [];
    const changed = new Set(changes.map(({ key }) => key));
    const others = [...this.#keys.values()].filter(({ key }) => !changed.has(key));
    return others.map(({ key, version }) => ({ key, version }));
  }
}

/** What is told of changes: each key's new value, null for a deletion. */
export function journalOf(changes: readonly RecordChange[]): Journal {
  return Object.fromEntries(changes.map(({ key, values }) => [key, values?.at(-1) ?? null]));
}

export function notLocked(txid: number, key: string): NotLocked {
  return new NotLocked(`${key} is not locked by transaction ${txid}`, { txid, key });
}

export function lockLost(txid: number, key: string, cause: unknown): NotLocked {
  return new NotLocked(`transaction ${txid} lost its lock of ${key}`, { txid, key, cause });
}

export function unlockNotAllowed(txid: number, key: string): UnlockNotAllowed {
  return new UnlockNotAllowed(`${key} has been set, and stays locked until the end`, { txid, key });
}

import { ValidationError } from "../../base/errors.js";
import { journalIdSet } from "../journal-id-set.js";
import { StorageError } from "../../base/tx-errors.js";
import type { Json } from "../json.js";
import { parseJson, spacedJson } from "../json.js";
import type { JournalIdSet, RecordValues, SetRecord } from "../types.js";
import type { ZKConfig } from "./zk-config.js";

/** A lock as its node holds it. */
export interface LockNode {
  /** The txid of the transaction that has it. */
  readonly id: number;
  readonly val: SetRecord | null;
}

/** Where everything stands: the layout of the original, whose clients may work on the same ensemble. */
export class ZKLayout {
  readonly txidMaker: string;
  readonly journalIdSet: string;
  readonly states: string;
  /** What the names of journals begin with; the server appends the id. */
  readonly newJournal: string;
  readonly #alive: string;
  readonly #lock: string;
  readonly #record: string;

  constructor({ root = "/", dirs = {} }: ZKConfig) {
    const tx = folder(root, dirs.tx ?? "tx");
    this.#lock = folder(root, dirs.lock ?? "lock");
    this.#record = folder(root, dirs.record ?? "record");
    this.txidMaker = `${tx}txid_maker`;
    this.journalIdSet = `${tx}journal_id_set`;
    this.states = `${tx}state`;
    this.newJournal = `${tx}journal/journal_id`;
    this.#alive = `${tx}alive/`;
  }

  alive(txid: number): string {
    return this.#alive + padded(txid);
  }

  state(txid: number): string {
    return `${this.states}/${padded(txid)}`;
  }

  journal(id: number): string {
    return this.newJournal + padded(id);
  }

  /** Throws `ValidationError` for a key that cannot be a path. */
  lock(key: string): string {
    return this.#lock + checked(key);
  }

  record(key: string): string {
    return this.#record + checked(key);
  }
}

function folder(root: string, name: string): string {
  const inner = `${root}/${name}`.split("/").filter((part) => part !== "");
  return inner.length === 0 ? "/" : `/${inner.join("/")}/`;
}

/** Ten digits, as the server pads the numbers of sequential nodes. */
function padded(number: number): string {
  return String(number).padStart(10, "0");
}

/** What the server refuses in a path, which it reads in units of 16 bits. */
const refused = /\p{Cc}|\p{Cs}|[\u{E000}-\u{F8FF}\u{FFF0}-\u{FFFF}\u{10000}-\u{10FFFF}]/u;

function checked(key: string): string {
  if (refused.test(key)) {
    const message = "ZooKeeper takes neither control characters in a key nor letters beyond U+FFEF";
    throw new ValidationError(`${message}: ${JSON.stringify(key)}`);
  }
  if (key.split("/").some((part) => part === "" || part === "." || part === "..")) {
    throw new ValidationError(`a key is names with a slash between them: ${JSON.stringify(key)}`);
  }
  return key;
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}

/** The number at the end of a node's name. */
export function numberAtEnd(path: string): number {
  return Number(/\d+$/.exec(path)?.[0]);
}

export function encoded(value: Json): Buffer {
  return Buffer.from(spacedJson(value), "utf8");
}

export function decoded(data: Buffer, path: string): Json {
  return parseJson(data.toString("utf8"), path);
}

/** What a record's node holds; an empty node, the folder of other keys, is a record without a value. */
export function recordOf(data: Buffer, path: string): RecordValues {
  if (data.length === 0) return [null];
  const values = decoded(data, path);
  if (Array.isArray(values)) return values.length === 0 ? [null] : values;
  throw new StorageError(`${path} holds no record`, { path });
}

export function lockOf(data: Buffer, path: string): LockNode {
  const lock = data.length === 0 ? undefined : decoded(data, path);
  if (Number.isSafeInteger(lock?.id)) return lock;
  throw new StorageError(`${path} holds no lock: the folder of other keys cannot be a key itself`, { path });
}

export function journalIdSetOf(data: Buffer, path: string): JournalIdSet {
  return journalIdSet(data.length === 0 ? {} : decoded(data, path));
}

/** In the order in which the original writes them. */
export function encodedIdSet({ PURGED, COMMITTED }: JournalIdSet): Buffer {
  return encoded({ PURGED: PURGED.toJSON(), COMMITTED: COMMITTED.toJSON() });
}

import type { Journal, JournalIdSet, RecordValues, SetRecord, StateEntry } from "../types.js";
import { Entries } from "./entries.js";

/** A lock's content, as it is stored. */
export interface StoredLock {
  /** The transaction that holds it. */
  readonly id: number;
  readonly val: SetRecord | null;
}

/** A mark of life's content: whose it is. */
export interface StoredMark {
  readonly id: string;
  readonly val: { readonly zk_owner: string } | null;
}

type Listener = () => void;

/** What a store in memory holds, shared by all its clients, and who waits for a change of what. */
export class MemoryData {
  readonly records = this.#entries<RecordValues, string>("record");
  readonly journals = this.#entries<Journal, number>("journal");
  readonly states = this.#entries<StateEntry, number>("state");
  readonly locks = this.#entries<StoredLock, string>("lock");
  readonly marks = this.#entries<StoredMark, number>("alive");
  readonly journalIdSet = this.#entries<JournalIdSet, string>("journal_id_set");
  readonly #listeners = new Map<string, Set<Listener>>();
  #lastTxid = 0;
  #nextJournalId = 0;

  nextTxid(): number {
    return ++this.#lastTxid;
  }

  nextJournalId(): number {
    return this.#nextJournalId++;
  }

  /** Calls `listener` after each write of an entry, until the signal aborts. */
  watch(kind: string, key: string | number, listener: Listener, signal: AbortSignal): void {
    const name = `${kind}/${key}`;
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    signal.addEventListener("abort", () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(name) === listeners) this.#listeners.delete(name);
    });
  }

  #entries<T, K extends string | number>(kind: string): Entries<T, K> {
    return new Entries(kind, (changed, key) => {
      for (const listener of [...(this.#listeners.get(`${changed}/${key}`) ?? [])]) listener();
    });
  }
}

import { NoNodeError } from "../base/tx-errors.js";
import type { Json } from "../storage/json.js";
import type { Storage } from "../storage/storage.js";
import type { StateEntry } from "../storage/types.js";

/** What one transaction has saved for whoever goes on with it. Nobody else writes it while the transaction is alive. */
export class SavedState {
  readonly #storage: Storage;
  readonly #place: "stored" | "memory";
  #data: Json = null;
  #version: number | undefined;

  constructor(storage: Storage, place: "stored" | "memory") {
    this.#storage = storage;
    this.#place = place;
  }

  /** A copy of what was saved, null if nothing. */
  get data(): Json {
    return structuredClone(this.#data);
  }

  /** The version of what is stored, `undefined` if nothing. */
  get version(): number | undefined {
    return this.#version;
  }

  get isStored(): boolean {
    return this.#version !== undefined;
  }

  /** Finds what the process before has stored. */
  async load(txid: number): Promise<StateEntry | undefined> {
    const found = await this.#find(txid);
    if (found === undefined) return undefined;
    const [entry, version] = found;
    this.#data = entry.data;
    this.#version = version;
    return entry;
  }

  async save(txid: number, keys: readonly string[], startMs: number, data: Json): Promise<void> {
    this.#data = data;
    if (this.#place === "memory") return;
    const entry = { got_keys: keys, start_ts: startMs / 1000, data };
    const { state } = this.#storage;
    this.#version = await state.setOrCreate(txid, entry, this.#version ?? -1);
  }

  /** Whether something is stored, by the store's own word. */
  async isThere(txid: number): Promise<boolean> {
    return (await this.#find(txid)) !== undefined;
  }

  async #find(txid: number): Promise<readonly [StateEntry, number] | undefined> {
    try {
      return await this.#storage.state.get(txid);
    } catch (error) {
      if (error instanceof NoNodeError) return undefined;
      throw error;
    }
  }
}

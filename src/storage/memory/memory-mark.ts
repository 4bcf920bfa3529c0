import { randomUUID } from "node:crypto";
import type { AliveMark } from "../types.js";
import type { MemoryData } from "./memory-data.js";

/** A mark of life in memory. It ends with its client, too. */
export class MemoryMark implements AliveMark {
  readonly txid: number;
  readonly #id = randomUUID();
  readonly #data: MemoryData;
  readonly #ended: () => void;
  readonly #lost = new AbortController();

  /** Throws `NodeExistsError` where another mark is. `ended` is called when this one is over. */
  constructor(txid: number, owner: string | undefined, data: MemoryData, ended: () => void) {
    data.marks.create(txid, { id: this.#id, val: owner === undefined ? null : { zk_owner: owner } });
    this.txid = txid;
    this.#data = data;
    this.#ended = ended;
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  get isThere(): boolean {
    return this.#data.marks.find(this.txid)?.[0].id === this.#id;
  }

  async release(): Promise<void> {
    if (this.isThere) this.#data.marks.delete(this.txid, -1);
    this.#ended();
  }

  lose(reason: unknown): void {
    this.#lost.abort(reason);
    void this.release();
  }
}

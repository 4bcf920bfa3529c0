import { NoNodeError } from "../base/tx-errors.js";
import type { Json } from "../storage/json.js";
import type { Storage } from "../storage/storage.js";
import { openStorage } from "./storage-source.js";
import type { StorageSource } from "./storage-source.js";

/** How many transactions are looked at together. */
const chunkSize = 64;

/** The transactions that died with their state saved, and what they saved: `runTx` with their `txid` goes on with one. */
export async function* listRecoverable(
  source: StorageSource,
): AsyncGenerator<readonly [txid: number, state: Json], void, undefined> {
  const { storage, owned } = await openStorage(source);
  try {
    const txids = (await storage.stateTxids()).toSorted((a, b) => a - b);
    for (let from = 0; from < txids.length; from += chunkSize) {
      const chunk = txids.slice(from, from + chunkSize);
      for (const found of await Promise.all(chunk.map((txid) => recoverable(storage, txid)))) {
        if (found !== undefined) yield found;
      }
    }
  } finally {
    if (owned) await storage.close();
  }
}

async function recoverable(storage: Storage, txid: number): Promise<readonly [number, Json] | undefined> {
  try {
    // In this order: a transaction that commits in between has lost its state by then.
    const alive = await storage.isAlive(txid);
    const [{ data }] = await storage.state.get(txid);
    return alive ? undefined : [txid, data];
  } catch (error) {
    if (error instanceof NoNodeError) return undefined;
    throw error;
  }
}

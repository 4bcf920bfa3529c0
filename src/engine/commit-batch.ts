import { ConnectionLoss } from "../base/tx-errors.js";
import type { Storage } from "../storage/storage.js";
import type { Batch, Outcome } from "../storage/types.js";

/** How long to look for the outcome of a commit whose answer was lost, beyond the transaction's time. */
const outcomeTimeoutMs = 10_000;

/** A commit whose answer was lost, and that was not found to be applied. */
export interface LostCommit {
  readonly outcome: Outcome;
  readonly error: ConnectionLoss;
}

/** Commits a batch, and if the answer gets lost finds out what became of it. Resolves with `undefined` when it is applied. */
export async function commitBatch(storage: Storage, batch: Batch, timeLeft: number): Promise<LostCommit | undefined> {
  try {
    await storage.commit(batch);
    return undefined;
  } catch (cause) {
    if (!(cause instanceof ConnectionLoss)) throw cause;
    const outcome = await storage.outcome(batch, timeLeft + outcomeTimeoutMs);
    if (outcome === "applied") return undefined;
    const { txid } = batch.alive;
    const what = outcome === "unknown" ? "may or may not have been committed" : "was not committed";
    return {
      outcome,
      error: new ConnectionLoss(`transaction ${txid} ${what}: its connection was lost`, { txid, cause }),
    };
  }
}

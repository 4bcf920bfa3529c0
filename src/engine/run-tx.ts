import { RetriableError, TXTimeout } from "../base/tx-errors.js";
import { defaultTimeoutMs } from "./lifetime.js";
import { openStorage } from "./storage-source.js";
import type { StorageSource } from "./storage-source.js";
import { COMMITTED, UNKNOWN } from "./status.js";
import type { TXStatus } from "./status.js";
import { StorageTransaction } from "./storage-transaction.js";
import type { StorageTransactionOptions } from "./transaction-options.js";

/** Between two attempts: who gave way has waited already, and an operation that always fails must not stop the process. */
const pauseMs = 1;

/**
 * Runs an operation as a transaction, and again as a new one after each `RetriableError`, all in `timeout` milliseconds
 * (10,000 by default). Resolves with what became of it and its id: an operation that does not commit is `PURGED`, or
 * `PAUSED` when it saved state; so is one that calls `abort()`. Every other failure is thrown, after one attempt: `TXTimeout`,
 * `ConnectionLoss`, `CommitError`, and what the operation throws. With `txid`, the first attempt goes on with that one.
 */
export async function runTx(
  source: StorageSource,
  operation: (tx: StorageTransaction) => unknown,
  options: StorageTransactionOptions = {},
): Promise<readonly [status: TXStatus, txid: number]> {
  const { storage, owned } = await openStorage(source);
  const { clock } = storage;
  const end = clock.now() + (options.timeout ?? defaultTimeoutMs);
  try {
    for (let txid = options.txid; ; txid = undefined) {
      const tx = new StorageTransaction(storage, { ...options, txid, timeout: end - clock.now() });
      try {
        await tx.run(operation);
        // It has begun, and `run` has closed it.
        return [tx.status as TXStatus, tx.txid as number];
      } catch (error) {
        // What may have been committed is not run again.
        const mayCount = tx.status === COMMITTED || tx.status === UNKNOWN;
        if (!(error instanceof RetriableError) || mayCount) throw error;
        await clock.sleep(pauseMs, options.signal);
        if (clock.now() < end) continue;
        const message = `transaction ${tx.txid} was to be run again, and there is no time left for that`;
        throw new TXTimeout(message, { txid: tx.txid, cause: error });
      }
    }
  } finally {
    if (owned) await storage.close();
  }
}

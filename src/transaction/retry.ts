import { backOff } from "../base/backoff.js";
import { MaxRetriesExceededError } from "../base/errors.js";
import type { DynatxError } from "../base/errors.js";
import type { Connection } from "../dynamodb/connection.js";

export interface RetryOptions {
  readonly connection: Connection;
  /** For events and messages. */
  readonly table: string;
  readonly maxRetries: number;
  readonly signal?: AbortSignal | undefined;
  /** Called before each attempt but the first. */
  readonly onRetry?: () => void;
}

/**
 * Attempts `work` until it does not throw one of `errors`, at most `maxRetries` times, with full jitter between and the
 * first retry at once. Any other error ends it. Throws `MaxRetriesExceededError` with the last conflict as cause.
 */
export async function retryOn(
  errors: abstract new (...args: never) => DynatxError,
  work: () => Promise<void>,
  options: RetryOptions,
): Promise<void> {
  const { connection, table, maxRetries, signal, onRetry } = options;
  const { clock, random, conflictBackoff } = connection;
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof errors)) throw error;
      if (attempt >= maxRetries) {
        throw new MaxRetriesExceededError(
          `gave up after ${attempt} attempts, the last of which failed: ${error.message}`,
          { attempts: attempt, cause: error },
        );
      }
      connection.emit("retry", () => ({ table, attempt, error }));
      onRetry?.();
      await backOff(conflictBackoff, attempt, { clock, random, signal });
    }
  }
}

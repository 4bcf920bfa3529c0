import { MaxRetriesExceededError } from "../base/errors.js";
import type { DynatxError } from "../base/errors.js";
import type { Connection } from "../dynamodb/connection.js";
import { pause } from "../dynamodb/pause.js";
import type { CommitReport } from "./commit-report.js";

export interface RetryOptions {
  readonly connection: Connection;
  /** For events and messages. */
  readonly table: string;
  /** The commit that retries, for events. */
  readonly report: CommitReport;
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
  work: (attempt: number) => Promise<void>,
  options: RetryOptions,
): Promise<void> {
  const { connection, table, report, maxRetries, signal, onRetry } = options;
  const { conflictBackoff: backoff } = connection;
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await work(attempt);
    } catch (error) {
      if (!(error instanceof errors)) throw error;
      if (attempt >= maxRetries) {
        throw new MaxRetriesExceededError(
          `gave up after ${attempt} attempts, the last of which failed: ${error.message}`,
          { attempts: attempt, cause: error },
        );
      }
      connection.emit("retry", () => ({ ...report.event(), table, attempt, error }));
      onRetry?.();
      await pause(connection, { reason: "conflict", table, backoff, attempt, signal });
    }
  }
}

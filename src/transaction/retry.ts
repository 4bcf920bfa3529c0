import { MaxRetriesExceededError } from "../base/errors.js";
import type { DynatxError } from "../base/errors.js";
import type { Connection } from "../dynamodb/connection.js";
import { pause } from "../dynamodb/pause.js";
import type { CommitReport } from "./commit-report.js";

export interface RetryOptions {
  /** A function is asked at each retry: an attempt may find out about it. */
  readonly connection: Connection | (() => Connection);
  /** For events and messages. */
  readonly table: string;
  /** The commit that retries, for events. */
  readonly report: CommitReport | (() => CommitReport);
  readonly maxRetries: number;
  readonly signal?: AbortSignal | undefined;
  /** Called before each attempt but the first. */
  readonly onRetry?: () => void;
  /** Whether an error of that kind may be gone at the next attempt. Default: yes. */
  readonly mayPass?: (error: unknown) => boolean;
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
  const { table, maxRetries, signal, onRetry, mayPass = () => true } = options;
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await work(attempt);
    } catch (error) {
      if (!(error instanceof errors) || !mayPass(error)) throw error;
      if (attempt >= maxRetries) {
        throw new MaxRetriesExceededError(
          `gave up after ${attempt} attempts, the last of which failed: ${error.message}`,
          { attempts: attempt, cause: error },
        );
      }
      const connection = typeof options.connection === "function" ? options.connection() : options.connection;
      const report = typeof options.report === "function" ? options.report() : options.report;
      const { conflictBackoff: backoff } = connection;
      connection.emit("retry", () => ({ ...report.event(), table, attempt, error }));
      onRetry?.();
      await pause(connection, { reason: "conflict", table, backoff, attempt, signal });
    }
  }
}

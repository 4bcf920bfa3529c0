import { unlessAborted } from "./abort.js";
import type { Clock } from "./clock.js";

/**
 * Resolves with `true` once `wait` does, with `false` when it has not within `ms` milliseconds, and rejects as `wait`
 * does, or with the signal's reason.
 */
export async function within(clock: Clock, ms: number, wait: Promise<void>, signal?: AbortSignal): Promise<boolean> {
  wait.catch(() => {}); // when the time is over, nobody looks any more
  const done = new AbortController();
  const timer = clock.sleep(ms, done.signal).then(
    () => false,
    () => false,
  );
  try {
    return await Promise.race([unlessAborted(wait, signal).then(() => true), timer]);
  } finally {
    done.abort();
  }
}

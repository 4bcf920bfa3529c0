import { unlessAborted } from "./abort.js";
import type { Clock } from "./clock.js";

/** The longest that a timer of Node waits, 24 days: a longer one it would end at once. */
const longestMs = 2 ** 31 - 1;

/**
 * Resolves with `true` once `wait` does, with `false` when it has not within `ms` milliseconds (24 days at the most), and
 * rejects as `wait` does, or with the signal's reason.
 */
export async function within(clock: Clock, ms: number, wait: Promise<void>, signal?: AbortSignal): Promise<boolean> {
  wait.catch(() => {}); // when the time is over, nobody looks any more
  const done = new AbortController();
  const timer = clock.sleep(Math.min(ms, longestMs), done.signal).then(
    () => false,
    () => false,
  );
  try {
    return await Promise.race([unlessAborted(wait, signal).then(() => true), timer]);
  } finally {
    done.abort();
  }
}

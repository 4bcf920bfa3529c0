import { setTimeout as delay } from "node:timers/promises";

/** Time as the library sees it. A test may give its own to a connection. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds that never go back, from any beginning. Default: the system's own. */
  monotonic?(): number;
  /** Resolves after `ms` milliseconds, or rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    if (ms <= 0) return signal?.throwIfAborted();
    try {
      await delay(ms, undefined, signal ? { signal } : undefined);
    } catch (error) {
      signal?.throwIfAborted(); // the reason the caller gave, not the timer's own error
      throw error;
    }
  },
};

/** The time by which a lease is judged: nobody sets it. */
export function monotonicMs(clock: Clock): number {
  return clock.monotonic?.() ?? performance.now();
}

const lastMicroseconds = new WeakMap<Clock, number>();

/** An ISO-8601 UTC time with microseconds that this clock has not given before (so with the system's: unique per process) and that never goes back. */
export function uniqueDatetime(clock: Clock): string {
  const micros = Math.max(clock.now() * 1000, (lastMicroseconds.get(clock) ?? 0) + 1);
  lastMicroseconds.set(clock, micros);
  return datetimeText(micros);
}

/** Microseconds since the epoch as ISO-8601 UTC text, which sorts by time. */
export function datetimeText(micros: number): string {
  const fraction = String(micros % 1000).padStart(3, "0");
  return `${new Date(Math.floor(micros / 1000)).toISOString().slice(0, -1)}${fraction}Z`;
}

import type { Clock } from "./clock.js";
import type { Random } from "./random.js";

/** Waits between attempts: full jitter, so a random part of an exponentially growing span. */
export interface Backoff {
  /** The span before the second wait, in milliseconds; it doubles with each further one. */
  readonly baseMs: number;
  /** The longest span, in milliseconds. */
  readonly capMs: number;
}

/** The wait in milliseconds after the `attempt`-th failure (from 1). The first retry is immediate. */
export function backoffMs(backoff: Backoff, attempt: number, random: Random): number {
  if (attempt <= 1) return 0;
  const span = Math.min(backoff.capMs, backoff.baseMs * 2 ** Math.min(attempt - 2, 30));
  return random.fraction() * span;
}

/** Waits as `backoff` says after the `attempt`-th failure; rejects with the signal's reason when it aborts. */
export async function backOff(
  backoff: Backoff,
  attempt: number,
  {
    clock,
    random,
    signal,
    onWait,
  }: {
    readonly clock: Clock;
    readonly random: Random;
    readonly signal?: AbortSignal | undefined;
    /** Called with the milliseconds of a wait before it begins. */
    readonly onWait?: ((ms: number) => void) | undefined;
  },
): Promise<void> {
  signal?.throwIfAborted();
  const ms = backoffMs(backoff, attempt, random);
  if (ms <= 0) return;
  onWait?.(ms);
  await clock.sleep(ms, signal);
}

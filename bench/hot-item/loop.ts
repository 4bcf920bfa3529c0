import { setTimeout as sleep } from "node:timers/promises";
import type { Progress } from "./contestant.js";

/** The waits of the loops, in milliseconds: those that dynatx has by default. */
const baseMs = 25;
const capMs = 500;

/**
 * The loop that AWS recommends, and careful users write: read, write on the condition that nothing has changed, and after
 * a conflict wait a random part of a span that doubles (full jitter), then read again. Never gives up before time is up.
 */
export async function optimisticLoop(
  attempt: () => Promise<unknown>,
  isConflict: (error: unknown) => boolean,
  progress: Progress,
): Promise<boolean> {
  for (let failures = 0; !progress.stopped; failures++) {
    progress.attempted();
    try {
      await attempt();
      return true;
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
    const waitMs = Math.random() * Math.min(capMs, baseMs * 2 ** Math.min(failures, 10));
    await Promise.race([sleep(waitMs), progress.over]);
  }
  return false;
}

const failedCondition = "ConditionalCheckFailedException";

/** The SDK's own error, as it is or as a library's cause or code. */
export function isFailedCondition(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { name, cause, code } = error as Error & { readonly code?: unknown }; // whatever it is, or nothing
  return name === failedCondition || code === failedCondition || isFailedCondition(cause);
}

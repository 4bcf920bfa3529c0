import { systemClock } from "dynatx";
import type { Clock, Random } from "dynatx";

/** A clock whose waits end at once, and that remembers them; with it a random source that always asks for the longest wait. */
export function patientClock(): { readonly clock: Clock; readonly waits: number[] } {
  const waits: number[] = [];
  const sleep = (ms: number): Promise<void> => {
    waits.push(ms);
    return Promise.resolve();
  };
  return { clock: { now: () => systemClock.now(), sleep }, waits };
}

/** Full jitter without the jitter: every wait is the whole span. Write ids stay unique. */
export function longestWaits(): Random {
  let ids = 0;
  const process = Math.random().toString(36).slice(2, 5).padEnd(3, "0"); // unlike another test's
  return { fraction: () => 1, writeId: () => process + (ids++).toString(36).padStart(5, "0") };
}

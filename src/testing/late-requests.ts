import { systemClock } from "../base/clock.js";

/** The longest wait that timers know, about 24 days. */
const maxDelayMs = 2 ** 31 - 1;
/** How many requests may be late at once; the oldest then arrives at once. */
const maxLate = 1000;

interface Late {
  /** Ends the wait. */
  readonly release: AbortController;
  readonly arrived: Promise<unknown>;
}

/** Requests that are still on their way, some long after their sender has given them up. */
export class LateRequests {
  readonly #late = new Set<Late>();

  /** Delivers after a wait, or when `deliverNow` is called, and resolves with what `deliver` does. */
  add<T>(delayMs: number, deliver: () => Promise<T>): Promise<T> {
    const [oldest] = this.#late;
    if (oldest !== undefined && this.#late.size >= maxLate) oldest.release.abort();
    const release = new AbortController();
    const delivered = systemClock
      .sleep(Math.min(delayMs, maxDelayMs), release.signal)
      .catch(() => {}) // released early
      .then(deliver);
    const late = { release, arrived: delivered.catch(() => {}).finally(() => this.#late.delete(late)) };
    this.#late.add(late);
    return delivered;
  }

  /** Ends every wait, and resolves when all have arrived: one after the other, in the order in which they were sent. */
  async deliverNow(): Promise<void> {
    for (const late of [...this.#late]) {
      late.release.abort();
      await late.arrived;
    }
  }

  /** Resolves when none is on its way. */
  async settled(): Promise<void> {
    while (this.#late.size > 0) await Promise.all([...this.#late].map(({ arrived }) => arrived));
  }
}

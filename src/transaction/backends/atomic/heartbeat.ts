import { monotonicMs } from "../../../base/clock.js";
import type { Connection } from "../../../dynamodb/connection.js";

/** How many waits may take no time at all before a clock is taken for one that does not wait. */
const maxIdleWaits = 3;

/** Tells at the coordinator that a transaction's owner lives, every third of a lease, until it is stopped. */
export class Heartbeat {
  readonly #stopped = new AbortController();

  constructor(connection: Connection, transaction: string) {
    void this.#beat(connection, transaction);
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #beat({ clock, leaseMs, coordinator }: Connection, transaction: string): Promise<void> {
    const { signal } = this.#stopped;
    const intervalMs = leaseMs / 3;
    for (let idle = 0; idle < maxIdleWaits;) {
      const before = monotonicMs(clock);
      try {
        await clock.sleep(intervalMs, signal);
        if (signal.aborted) return;
        if (monotonicMs(clock) - before < intervalMs / 2) {
          idle++; // a test's clock, which does not wait
          continue;
        }
        await coordinator.beat(transaction);
      } catch {
        if (signal.aborted) return; // stopped; any other failure leaves the next beat to try
      }
    }
  }
}

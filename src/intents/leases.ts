import { monotonicMs } from "../base/clock.js";
import type { Clock } from "../base/clock.js";
import type { TransactionRecord } from "../dynamodb/transaction-record.js";

/** So many transactions of others are watched at once; the one seen longest ago is forgotten first. */
const maxWatched = 10_000;

interface Sign {
  readonly beats: number;
  readonly sinceMs: number;
}

/** Signs of life of transactions in flight, by the observer's own clock: no two clocks are ever compared. */
export class Leases {
  readonly #clock: Clock;
  readonly #leaseMs: number;
  readonly #signs = new Map<string, Sign>();

  constructor(clock: Clock, leaseMs: number) {
    this.#clock = clock;
    this.#leaseMs = leaseMs;
  }

  /** Whether a pending transaction has shown no sign of life for a lease, as far as this process has watched it. */
  isOver(transaction: string, { beats }: TransactionRecord): boolean {
    const now = monotonicMs(this.#clock);
    const known = this.#signs.get(transaction);
    if (known?.beats === beats) return now - known.sinceMs >= this.#leaseMs;
    this.#signs.delete(transaction);
    this.#signs.set(transaction, { beats, sinceMs: now });
    const [oldest] = this.#signs.keys();
    if (this.#signs.size > maxWatched && oldest !== undefined) this.#signs.delete(oldest);
    return false;
  }
}

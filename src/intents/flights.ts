import type { Coordinator } from "../dynamodb/coordinator.js";

/** So many committed transactions may still be applying; further ones are waited for. */
const maxInBackground = 256;

/** Committed transactions of this process whose items are still in flight: who meets one need not look it up. */
export class Flights {
  readonly #landing = new Map<string, Promise<void>>();

  /** `landing` must not reject. Resolves at once while there is room for it in the background. */
  async add(transaction: string, landing: Promise<void>): Promise<void> {
    const tracked = landing.finally(() => this.#landing.delete(transaction));
    this.#landing.set(transaction, tracked);
    if (this.#landing.size > maxInBackground) await tracked;
  }

  /** Resolves when the items of a transaction have their new state; `undefined`: nothing is known of it here. */
  of(transaction: string): Promise<void> | undefined {
    return this.#landing.get(transaction);
  }

  /** Resolves when nothing is in the background any more. */
  async settled(): Promise<void> {
    while (this.#landing.size > 0) await Promise.all(this.#landing.values());
  }
}

const flights = new WeakMap<Coordinator, Flights>();

export function flightsOf(coordinator: Coordinator): Flights {
  const known = flights.get(coordinator) ?? new Flights();
  flights.set(coordinator, known);
  return known;
}

import type { Coordinator } from "../dynamodb/coordinator.js";

/** So many committed transactions may still be applying; further ones are waited for. */
const maxInBackground = 256;

/** A committed transaction of this process whose items are getting their new state. */
export class Flight {
  readonly #waiting = new Map<number, (() => void)[]>();
  readonly #landed = new Set<number>();
  #over = false;

  /** An item is through, or was given up. */
  landed(index: number): void {
    this.#landed.add(index);
    for (const resolve of this.#waiting.get(index) ?? []) resolve();
    this.#waiting.delete(index);
  }

  /** No item is waited for any more. */
  end(): void {
    this.#over = true;
    for (const index of this.#waiting.keys()) this.landed(index);
  }

  /** Resolves when an item is through; `undefined`: it is, or was given up, so that nobody need wait. */
  item(index: number): Promise<void> | undefined {
    if (this.#over || this.#landed.has(index)) return undefined;
    return new Promise((resolve) => {
      this.#waiting.set(index, [...(this.#waiting.get(index) ?? []), resolve]);
    });
  }
}

/** Committed transactions of this process whose items are still in flight: who meets one need not look it up. */
export class Flights {
  readonly #flights = new Map<string, { readonly flight: Flight; readonly landing: Promise<void> }>();

  /** `land` must not reject. Resolves at once while there is room for it in the background. */
  async add(transaction: string, land: (flight: Flight) => Promise<void>): Promise<void> {
    const flight = new Flight();
    const landing = land(flight).finally(() => {
      flight.end();
      this.#flights.delete(transaction);
    });
    this.#flights.set(transaction, { flight, landing });
    if (this.#flights.size > maxInBackground) await landing;
  }

  /** Resolves when an item has its new state, or that was given up; `undefined`: nothing is known of it here. */
  landing(transaction: string, index: number): Promise<void> | undefined {
    return this.#flights.get(transaction)?.flight.item(index);
  }

  /** Resolves when nothing is in the background any more. */
  async settled(): Promise<void> {
    while (this.#flights.size > 0) await Promise.all([...this.#flights.values()].map(({ landing }) => landing));
  }
}

const flights = new WeakMap<Coordinator, Flights>();

export function flightsOf(coordinator: Coordinator): Flights {
  const known = flights.get(coordinator) ?? new Flights();
  flights.set(coordinator, known);
  return known;
}

import type { Clock } from "../base/clock.js";

/** Ends a turn; the next in the queue has its own. */
export type EndTurn = () => void;

/**
 * Turns at items, one at a time for each key, in order of arrival: commits of one process that would only get in each
 * other's way go one after the other instead. It is a courtesy, not a lock: safety rests on conditional writes, so
 * whoever has waited for `maxWaitMs` goes on without its turn, and nothing can be blocked for good.
 */
export class Turns {
  readonly #clock: Clock;
  readonly #maxWaitMs: number;
  /** The end of the last turn given at each key that is in use. */
  readonly #last = new Map<string, Promise<void>>();

  constructor(clock: Clock, maxWaitMs: number) {
    this.#clock = clock;
    this.#maxWaitMs = maxWaitMs;
  }

  /** Resolves when it is the caller's turn at `key`, or when the caller has waited long enough. */
  async take(key: string, signal?: AbortSignal): Promise<EndTurn> {
    const before = this.#last.get(key);
    let end: EndTurn = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#last.set(key, ended);
    const endTurn = (): void => {
      end();
      if (this.#last.get(key) === ended) this.#last.delete(key);
    };
    if (before === undefined) return endTurn;
    try {
      await this.#patiently(before, signal);
    } catch (error) {
      endTurn();
      throw error;
    }
    return endTurn;
  }

  async #patiently(before: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
    const timer = new AbortController();
    const signals = signal ? AbortSignal.any([signal, timer.signal]) : timer.signal;
    const patience = this.#clock.sleep(this.#maxWaitMs, signals).catch(() => {}); // ended by its own controller, or by the caller's signal
    await Promise.race([before, patience]);
    timer.abort();
    signal?.throwIfAborted();
  }
}

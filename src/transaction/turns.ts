import { unlessAborted } from "../base/abort.js";
import type { Clock } from "../base/clock.js";
import type { Connection } from "../dynamodb/connection.js";

/** Ends a turn; the next in the queue has its own. */
export type EndTurn = () => void;

/** A place in the queue of one key. */
interface Turn {
  readonly begun: Promise<void>;
  readonly ended: Promise<void>;
}

/**
 * Turns at items, one at a time for each key, in order of arrival: commits of one process that would only get in each
 * other's way go one after the other instead. It is a courtesy, not a lock: safety rests on conditional writes. So a
 * turn that takes longer than `maxTurnMs` is not waited for any longer, and nothing can be blocked for good. The limit
 * is that of a turn and not of the whole wait, or a long queue would lose its patience all at once.
 */
export class Turns {
  readonly #clock: Clock;
  readonly #maxTurnMs: number;
  /** The last turn given at each key that is in use. */
  readonly #last = new Map<string, Turn>();

  constructor(clock: Clock, maxTurnMs: number) {
    this.#clock = clock;
    this.#maxTurnMs = maxTurnMs;
  }

  /** Resolves when it is the caller's turn at `key`; rejects with the signal's reason when it aborts. */
  async take(key: string, signal?: AbortSignal): Promise<EndTurn> {
    const before = this.#last.get(key);
    let end: EndTurn = () => {};
    const released = new Promise<void>((resolve) => {
      end = resolve;
    });
    const begun = before === undefined ? Promise.resolve() : this.#after(before);
    // Whoever leaves the queue early ends its turn as soon as it comes: those behind still wait for those before.
    const turn = { begun, ended: begun.then(() => released) };
    this.#last.set(key, turn);
    void this.#forget(key, turn);
    try {
      await unlessAborted(begun, signal);
    } catch (error) {
      end();
      throw error;
    }
    return end;
  }

  async #forget(key: string, turn: Turn): Promise<void> {
    await turn.ended;
    if (this.#last.get(key) === turn) this.#last.delete(key);
  }

  /** Resolves when that turn is over, or has lasted long enough. */
  async #after({ begun, ended }: Turn): Promise<void> {
    await begun;
    const timer = new AbortController();
    const patience = this.#clock.sleep(this.#maxTurnMs, timer.signal).catch(() => {}); // its own controller ends it
    await Promise.race([ended, patience]);
    timer.abort();
  }
}

const maxTurnMs = 2000;
const turns = new WeakMap<Connection, Turns>();

/** The turns of all commits of this process on one connection. */
export function turnsOf(connection: Connection): Turns {
  const known = turns.get(connection) ?? new Turns(connection.clock, maxTurnMs);
  turns.set(connection, known);
  return known;
}

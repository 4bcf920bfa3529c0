import { unlessAborted } from "../base/abort.js";
import type { Clock } from "../base/clock.js";
import type { Connection } from "../dynamodb/connection.js";

/** Ends a turn; the next in the queue has its own. */
export type EndTurn = () => void;

/** A place in the queue of one key. */
class Turn {
  /** `undefined`: there was nobody before. */
  readonly begun: Promise<void> | undefined;
  #over = false;
  #ended: Promise<void> | undefined;
  #end: (() => void) | undefined;

  constructor(begun: Promise<void> | undefined) {
    this.begun = begun;
  }

  end(): void {
    this.#over = true;
    this.#end?.();
  }

  /** Made when somebody waits for it. */
  get ended(): Promise<void> {
    this.#ended ??= this.#over ? Promise.resolve() : new Promise((resolve) => (this.#end = resolve));
    return this.#ended;
  }
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

  /**
   * Waits for the caller's turn at `key`; fails with the signal's reason when it aborts. A turn that comes at once, as most
   * do, makes no promises.
   */
  take(key: string, signal?: AbortSignal): EndTurn | Promise<EndTurn> {
    signal?.throwIfAborted();
    const before = this.#last.get(key);
    const turn = new Turn(before && this.#after(before));
    this.#last.set(key, turn);
    if (turn.begun !== undefined) return this.#queued(key, turn, signal);
    return () => {
      turn.end();
      this.#forget(key, turn);
    };
  }

  async #queued(key: string, turn: Turn, signal: AbortSignal | undefined): Promise<EndTurn> {
    const begun = turn.begun ?? Promise.resolve();
    // Whoever leaves the queue early is over only when its turn has come: those behind still wait for those before.
    void begun.then(() => turn.ended).then(() => this.#forget(key, turn));
    try {
      await unlessAborted(begun, signal);
    } catch (error) {
      turn.end();
      throw error;
    }
    return () => turn.end();
  }

  #forget(key: string, turn: Turn): void {
    if (this.#last.get(key) === turn) this.#last.delete(key);
  }

  /** Resolves when that turn is over, or has lasted long enough. */
  async #after(turn: Turn): Promise<void> {
    await turn.begun;
    const timer = new AbortController();
    const patience = this.#clock.sleep(this.#maxTurnMs, timer.signal).catch(() => {}); // its own controller ends it
    await Promise.race([turn.ended, patience]);
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

import { AsyncResource } from "node:async_hooks";
import { setImmediate as turn } from "node:timers/promises";
import type { Clock } from "../../base/clock.js";
import { SetterTimeoutError, describeItem } from "../../base/errors.js";
import type { AttributeMap } from "../../dynamodb/attribute.js";
import { acceptCopy, copyOf } from "../../model/trial.js";
import type { Trial } from "../../model/trial.js";
import { asSetter } from "../../model/session.js";
import type { CombinedItem } from "./item.js";

/** What becomes of one commit's change of one item. */
export type Outcome =
  | { readonly kind: "applied" }
  /** Nobody can tell whether it was applied. */
  | { readonly kind: "doubt"; readonly error: unknown }
  /** Not applied. */
  | { readonly kind: "failed"; readonly error: unknown }
  /** Not applied, and not to be combined: it gets a read and a write of its own. */
  | { readonly kind: "alone" };

/** What became of one try on a copy. */
export type Attempt =
  | { readonly kind: "accepted"; readonly trial: Trial }
  | { readonly kind: "failed"; readonly error: unknown }
  /** Its outcome stands already: it was aborted, took too long, or cannot be combined. */
  | { readonly kind: "settled" };

export interface ParticipantOptions {
  readonly setter: (target: never) => unknown;
  readonly setterTimeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** How often a clock is asked for the rest of a time limit that it did not wait for. */
const maxWaits = 3;

/** One commit that waits for its turn at an item. */
export class Participant {
  readonly outcome: Promise<Outcome>;
  /** Its number in its queue, from 1. */
  arrival = 0;
  /** How often its setter has run for nothing, because what it saw was never written. */
  reruns = 0;
  readonly #options: ParticipantOptions;
  /** Where the commit was called: what a program keeps for each of its requests is found there by setters. */
  readonly #home = new AsyncResource("dynatx.commit");
  readonly #stopListening: () => void;
  #settle: (outcome: Outcome) => void = () => {};
  #state: "waiting" | "accepted" | "settled" = "waiting";

  constructor(options: ParticipantOptions) {
    this.#options = options;
    this.outcome = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#stopListening = this.#listen(options.signal);
  }

  get settled(): boolean {
    return this.#state === "settled";
  }

  /** The first outcome stands. */
  settle(outcome: Outcome): void {
    if (this.settled) return;
    this.#state = "settled";
    this.#stopListening();
    this.#settle(outcome);
  }

  /** Tries the change on a copy of the item. From acceptance on it counts as sent: a signal comes too late. */
  async attempt(item: CombinedItem, image: AttributeMap): Promise<Attempt> {
    let used = false;
    const setter = async (): Promise<Trial | undefined> => {
      const copy = await copyOf(item.model, item.binding, image, () => {
        used = true;
      });
      // The types of transactor() bind the setter to what the getter returns.
      await this.#options.setter(copy as never);
      return used || this.settled ? undefined : acceptCopy(copy);
    };
    const running = this.#home.runInAsyncScope(() => asSetter(setter));
    running.catch(() => {}); // one that is not waited for any longer may fail later
    try {
      const trial = await this.#limited(running, item);
      if (this.settled) return { kind: "settled" };
      if (trial !== undefined && !used) {
        this.#state = "accepted";
        return { kind: "accepted", trial };
      }
    } catch (error) {
      if (this.settled) return { kind: "settled" };
      if (!used) return { kind: "failed", error };
    }
    this.settle({ kind: "alone" }); // it saves, deletes or reloads its target itself
    return { kind: "settled" };
  }

  /** Waits for the setter: not longer than it may take, nor than until the commit is aborted. */
  async #limited(running: Promise<Trial | undefined>, item: CombinedItem): Promise<Trial | undefined> {
    const ended = Promise.race([running, this.outcome.then(() => undefined)]);
    if (await isQuick(ended)) return ended; // as most are; a timer for each would cost more than the setter
    const timer = new AbortController();
    void this.#endInTime(item, timer.signal);
    try {
      return await ended;
    } finally {
      timer.abort();
    }
  }

  async #endInTime({ binding, key }: CombinedItem, inTime: AbortSignal): Promise<void> {
    const { setterTimeoutMs } = this.#options;
    const up = await timeUp(binding.connection.clock, setterTimeoutMs, inTime);
    if (!up || inTime.aborted) return;
    const item = { table: binding.table, key: key.values };
    const message = `${describeItem(item.table, item.key)}: the setter did not end within ${setterTimeoutMs} ms, while others wait for the item`;
    this.settle({ kind: "failed", error: new SetterTimeoutError(message, { ...item, timeoutMs: setterTimeoutMs }) });
  }

  #listen(signal: AbortSignal | undefined): () => void {
    if (signal === undefined) return () => {};
    // Thousands may wait with the same signal of the caller: a listener of each on that one would draw warnings.
    const own = AbortSignal.any([signal]);
    const leave = (): void => {
      if (this.#state === "waiting") this.settle({ kind: "failed", error: own.reason });
    };
    own.addEventListener("abort", leave, { once: true });
    return () => own.removeEventListener("abort", leave);
  }
}

/** Whether it ends without waiting for anything outside. */
function isQuick(work: Promise<unknown>): Promise<boolean> {
  const ended = work.then(
    () => true,
    () => true,
  );
  return Promise.race([ended, turn(false)]);
}

/** Resolves with true after that many milliseconds. A test's clock may not wait at all: then there is no limit. */
async function timeUp(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  const started = clock.now();
  for (let wait = 1; wait <= maxWaits; wait++) {
    try {
      await clock.sleep(ms, signal);
    } catch {
      return false; // ended by the signal
    }
    if (clock.now() - started >= ms / 2) return true; // timers may end a little early, and clocks are set
  }
  return false;
}

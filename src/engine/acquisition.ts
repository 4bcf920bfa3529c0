import { setMaxListeners } from "node:events";
import { monotonicMs } from "../base/clock.js";
import { Deadlock, TXTimeout } from "../base/tx-errors.js";
import type { Place } from "../base/waiting-lines.js";
import { within } from "../base/within.js";
import type { Holder } from "../storage/types.js";
import { takeFree } from "./locker.js";
import type { Blocked, Locker } from "./locker.js";

/**
 * Locks keys within `timeout` milliseconds, all at once where they are free. Who may wait for whom makes it free of
 * deadlocks: a senior transaction (a lower txid) waits for any other; a junior one waits for a senior only while it
 * holds nothing, so no circle of waiting ones can close. Locks taken by this very call are given back for that: nobody
 * has seen yet what is under them. With others, older ones or those of a call at the same time, it gives way: `Deadlock`.
 */
export async function lockKeys(locker: Locker, keys: readonly string[], timeout: number): Promise<void> {
  const acquisition = new Acquisition(locker, keys, timeout);
  try {
    await acquisition.run();
  } finally {
    acquisition.end();
  }
}

class Acquisition {
  readonly #locker: Locker;
  readonly #keys: readonly string[];
  readonly #timeout: number;
  readonly #deadline: number;
  readonly #taken = new Set<string>();
  #place: Place | undefined;
  #watching = new AbortController();

  constructor(locker: Locker, keys: readonly string[], timeout: number) {
    this.#locker = locker;
    this.#keys = keys;
    this.#timeout = timeout;
    this.#deadline = monotonicMs(locker.storage.clock) + timeout;
  }

  async run(): Promise<void> {
    const [first] = this.#keys;
    const { lines } = this.#locker.storage;
    // Others of this process wait already: so does this one, without a request.
    if (first !== undefined && !this.#holdsOthers && !lines.isEmpty(first)) await this.#standInLine(first);
    for (;;) {
      this.#watching.abort();
      this.#watching = new AbortController();
      setMaxListeners(0, this.#watching.signal); // some for each key
      // Who holds something stands in no line: somebody might wait for it.
      if (this.#holdsOthers) this.#leaveLine();
      const missing = this.#keys.filter((key) => !this.#taken.has(key));
      const [blocked, ...others] = await takeFree(this.#locker, missing, this.#taken, this.#watching.signal);
      if (blocked === undefined) return;
      if (!(await this.#breakDead([blocked, ...others]))) await this.#makeWay([blocked, ...others]);
    }
  }

  end(): void {
    this.#watching.abort();
    this.#leaveLine();
  }

  #leaveLine(): void {
    this.#place?.leave();
    this.#place = undefined;
  }

  /** Whether it holds locks that it cannot give back. */
  get #holdsOthers(): boolean {
    return this.#locker.holdsBeyond(this.#taken);
  }

  /** Breaks the locks of the dead. Resolves with whether there were some. */
  async #breakDead(blocked: readonly Blocked[]): Promise<boolean> {
    const dead = blocked.filter(({ holder }) => holder.fate === "dead");
    await Promise.all(dead.map(({ key, holder }) => this.#locker.storage.breakLock(key, holder.txid)));
    return dead.length > 0 && this.#left > 0;
  }

  /** Waits until one of the holders is out of the way, with empty hands if it is senior. */
  async #makeWay(blocked: readonly [Blocked, ...Blocked[]]): Promise<void> {
    const locker = this.#locker;
    const { txid } = locker;
    const senior = blocked.find(({ holder }) => holder.txid < txid);
    const { key, holder } = senior ?? blocked[0];
    if (senior !== undefined && !this.#holdsOthers) {
      await locker.free([...this.#taken]);
      this.#taken.clear();
    }
    // Asked again: another call may have taken a lock meanwhile.
    if (senior !== undefined && this.#holdsOthers) {
      await locker.giveWay();
      const reason = `transaction ${txid} gave way to transaction ${holder.txid}, which had ${key}`;
      const deadlock = new Deadlock(reason, { txid, key });
      try {
        await this.#wait(key, holder.changed, holder, locker.outerSignal);
      } finally {
        locker.endWaits(deadlock); // other calls of it wait as long: nobody is to try again before
      }
      throw deadlock;
    }
    const hasNothing = this.#taken.size === 0 && !this.#holdsOthers;
    if (hasNothing && (await this.#standInLine(key))) return;
    // What was right with empty hands may be wrong with a lock that another call takes.
    await this.#wait(key, Promise.race([holder.changed, locker.nextLock()]), holder);
  }

  /** Takes a place among those of this process who wait for a key, and waits for its turn. Resolves with whether it had to. */
  async #standInLine(key: string): Promise<boolean> {
    if (this.#place?.key === key) return false;
    this.#leaveLine();
    this.#place = this.#locker.storage.lines.join(key, this.#locker.txid);
    if (this.#place.isFirst) return false;
    this.#watching.abort();
    await this.#wait(key, Promise.race([this.#place.turn, this.#locker.nextLock()]));
    return true;
  }

  async #wait(key: string, event: Promise<void>, holder?: Holder, signal = this.#locker.signal): Promise<void> {
    const { storage, txid } = this.#locker;
    if (await within(storage.clock, this.#left, event, signal)) return;
    const fate = holder?.fate === "paused" ? "dead with its state saved" : "alive";
    const who = holder ? `transaction ${holder.txid}, ${fate}, has it` : "others have it and wait for it";
    throw new TXTimeout(`transaction ${txid} got no lock of ${key} within ${this.#timeout} ms: ${who}`, { txid, key });
  }

  get #left(): number {
    return this.#deadline - monotonicMs(this.#locker.storage.clock);
  }
}

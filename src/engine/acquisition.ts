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
 * has seen yet what is under them. With older ones, it gives way: `Deadlock`.
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
  /** Whether it held locks before: then it may neither stand in line nor wait for a senior. */
  readonly #heldBefore: boolean;
  readonly #taken = new Set<string>();
  #place: Place | undefined;
  #watching = new AbortController();

  constructor(locker: Locker, keys: readonly string[], timeout: number) {
    this.#locker = locker;
    this.#keys = keys;
    this.#timeout = timeout;
    this.#deadline = monotonicMs(locker.storage.clock) + timeout;
    this.#heldBefore = locker.lockCount() > 0;
  }

  async run(): Promise<void> {
    const [first] = this.#keys;
    const { lines } = this.#locker.storage;
    // Others of this process wait already: so does this one, without a request.
    if (first !== undefined && !this.#heldBefore && !lines.isEmpty(first)) await this.#standInLine(first);
    for (;;) {
      this.#watching.abort();
      this.#watching = new AbortController();
      setMaxListeners(0, this.#watching.signal); // each key that is missing has one
      const missing = this.#keys.filter((key) => !this.#taken.has(key));
      const [blocked, ...others] = await takeFree(this.#locker, missing, this.#taken, this.#watching.signal);
      if (blocked === undefined) return;
      if (!(await this.#breakDead([blocked, ...others]))) await this.#makeWay([blocked, ...others]);
    }
  }

  end(): void {
    this.#watching.abort();
    this.#place?.leave();
  }

  /** Breaks the locks of the dead. Resolves with whether there were some. */
  async #breakDead(blocked: readonly Blocked[]): Promise<boolean> {
    const dead = blocked.filter(({ holder }) => holder.fate === "dead");
    await Promise.all(dead.map(({ key, holder }) => this.#locker.storage.breakLock(key, holder.txid)));
    return dead.length > 0 && this.#left > 0;
  }

  /** Waits until one of the holders is out of the way, with empty hands if it is senior. */
  async #makeWay(blocked: readonly [Blocked, ...Blocked[]]): Promise<void> {
    const { txid, giveWay, free } = this.#locker;
    const senior = blocked.find(({ holder }) => holder.txid < txid);
    // There is one: `run` has looked.
    const awaited = senior ?? blocked[0];
    if (senior !== undefined && this.#heldBefore) {
      await giveWay();
      await this.#wait(awaited.key, awaited.holder.changed, awaited.holder);
      const message = `transaction ${txid} gave way to transaction ${senior.holder.txid}, which had ${senior.key}`;
      throw new Deadlock(message, { txid, key: senior.key });
    }
    if (senior !== undefined) {
      await free([...this.#taken]);
      this.#taken.clear();
    }
    // Who holds something stands in no line: somebody might wait for it.
    const mayStand = this.#locker.lockCount() === 0;
    if (mayStand && (await this.#standInLine(awaited.key))) return;
    await this.#wait(awaited.key, awaited.holder.changed, awaited.holder);
  }

  /** Takes a place among those of this process who wait for a key, and waits for its turn. Resolves with whether it had to. */
  async #standInLine(key: string): Promise<boolean> {
    if (this.#place?.key === key) return false;
    this.#place?.leave();
    this.#place = this.#locker.storage.lines.join(key, this.#locker.txid);
    if (this.#place.isFirst) return false;
    this.#watching.abort();
    await this.#wait(key, this.#place.turn);
    return true;
  }

  async #wait(key: string, event: Promise<void>, holder?: Holder): Promise<void> {
    const { storage, txid, signal } = this.#locker;
    if (await within(storage.clock, this.#left, event, signal)) return;
    const fate = holder?.fate === "paused" ? "dead with its state saved" : "alive";
    const who = holder ? `transaction ${holder.txid}, ${fate}, has it` : "others have it and wait for it";
    throw new TXTimeout(`transaction ${txid} got no lock of ${key} within ${this.#timeout} ms: ${who}`, { txid, key });
  }

  get #left(): number {
    return this.#deadline - monotonicMs(this.#locker.storage.clock);
  }
}

import { monotonicMs } from "../base/clock.js";
import { Deadlock, TXTimeout } from "../base/tx-errors.js";
import { within } from "../base/within.js";
import type { Storage } from "../storage/storage.js";
import type { HeldLock, Holder } from "../storage/types.js";

/** How often `tryKey` breaks a lock that a dead transaction left: others may be as fast, and die as well. */
const maxBroken = 100;

/** The transaction that wants locks. */
export interface Locker {
  readonly storage: Storage;
  readonly txid: number;
  /** How many locks it holds. */
  readonly lockCount: () => number;
  /** Takes note of a lock that it holds from now on. */
  readonly hold: (key: string, lock: HeldLock) => void;
  /** Frees some of its locks. */
  readonly free: (keys: readonly string[]) => Promise<void>;
  /** Frees all its locks and drops its state, for a senior transaction: it is over. */
  readonly giveWay: () => Promise<void>;
  /** Ends every wait. */
  readonly signal: AbortSignal;
}

interface Blocked {
  readonly key: string;
  readonly holder: Holder;
}

/**
 * Locks keys within `timeout` milliseconds, all at once where they are free. Who may wait for whom makes it free of
 * deadlocks: a senior transaction (a lower txid) waits for any other; a junior one waits for a senior only while it
 * holds nothing, so no circle of waiting ones can close. Locks taken by this very call are given back for that: nobody
 * has seen yet what is under them. With older ones, it gives way: `Deadlock`.
 */
export async function lockKeys(locker: Locker, keys: readonly string[], timeout: number): Promise<void> {
  const { storage, txid, signal } = locker;
  const deadline = monotonicMs(storage.clock) + timeout;
  const heldBefore = locker.lockCount() > 0;
  const taken = new Set<string>();
  for (;;) {
    const watching = new AbortController();
    try {
      const missing = keys.filter((key) => !taken.has(key));
      const blocked = await takeFree(locker, missing, taken, watching.signal);
      const [first] = blocked;
      if (first === undefined) return;
      const dead = blocked.filter(({ holder }) => holder.fate === "dead");
      await Promise.all(dead.map(({ key, holder }) => storage.breakLock(key, holder.txid)));
      if (dead.length > 0 && monotonicMs(storage.clock) < deadline) continue;
      const senior = blocked.find(({ holder }) => holder.txid < txid);
      if (senior !== undefined && heldBefore) await locker.giveWay();
      else if (senior !== undefined) {
        await locker.free([...taken]);
        taken.clear();
      }
      const { key, holder } = senior ?? first;
      const left = deadline - monotonicMs(storage.clock);
      if (!(await within(storage.clock, left, holder.changed, signal))) throw timedOut(locker, key, holder, timeout);
      if (senior !== undefined && heldBefore) throw gaveWay(locker, key, holder);
    } finally {
      watching.abort();
    }
  }
}

/** Takes what is free of `keys`, and resolves with what is not. */
async function takeFree(
  locker: Locker,
  keys: readonly string[],
  taken: Set<string>,
  signal: AbortSignal,
): Promise<readonly Blocked[]> {
  const blocked: Blocked[] = [];
  const { storage, txid } = locker;
  const answers = await Promise.allSettled(keys.map((key) => storage.tryLock(txid, key, signal)));
  for (const [index, answer] of answers.entries()) {
    // The index is that of a key.
    const key = keys[index] as string;
    if (answer.status === "rejected") continue;
    if (answer.value.held) {
      taken.add(key);
      locker.hold(key, answer.value);
    } else {
      answer.value.changed.catch(() => {}); // not every one is waited for
      blocked.push({ key, holder: answer.value });
    }
  }
  const failure = answers.find((answer) => answer.status === "rejected");
  if (failure !== undefined) throw failure.reason;
  return blocked;
}

function timedOut({ txid }: Locker, key: string, holder: Holder, timeout: number): TXTimeout {
  const who = `transaction ${holder.txid}, ${holder.fate === "paused" ? "dead with its state saved" : "alive"}, has it`;
  return new TXTimeout(`transaction ${txid} got no lock of ${key} within ${timeout} ms: ${who}`, { txid, key });
}

function gaveWay({ txid }: Locker, key: string, holder: Holder): Deadlock {
  return new Deadlock(`transaction ${txid} gave way to transaction ${holder.txid}, which had ${key}`, { txid, key });
}

/** Locks a key if nobody lives to hold it. Resolves with whether it did. */
export async function tryKey(locker: Locker, key: string): Promise<boolean> {
  const { storage } = locker;
  const watching = new AbortController();
  try {
    for (let broken = 0; ; broken++) {
      const [blocked] = await takeFree(locker, [key], new Set(), watching.signal);
      if (blocked === undefined) return true;
      if (blocked.holder.fate !== "dead" || broken === maxBroken) return false;
      await storage.breakLock(key, blocked.holder.txid);
    }
  } finally {
    watching.abort();
  }
}

import type { Storage } from "../storage/storage.js";
import type { HeldLock, Holder } from "../storage/types.js";

/** How often `tryKey` breaks a lock that a dead transaction left: others may be as fast, and die as well. */
const maxBroken = 100;

/** A transaction that wants locks. */
export interface Locker {
  readonly storage: Storage;
  readonly txid: number;
  /** Whether it holds locks besides these, or the operation has seen what is under one of them. */
  holdsBeyond(fresh: ReadonlySet<string>): boolean;
  /** Resolves when it holds one more lock. */
  nextLock(): Promise<void>;
  /** Takes note of a lock that it holds from now on. */
  hold(key: string, lock: HeldLock): void;
  /** Frees some of its locks. */
  free(keys: readonly string[]): Promise<void>;
  /** Frees all its locks and drops its state, for a senior transaction: it is over, but for the waits. */
  giveWay(): Promise<void>;
  /** Ends the waits of other calls. */
  endWaits(reason: Error): void;
  /** Ends every wait. */
  readonly signal: AbortSignal;
  /** Ends the wait of a transaction that has given way. */
  readonly outerSignal: AbortSignal;
}

/** A key in somebody else's hands. */
export interface Blocked {
  readonly key: string;
  readonly holder: Holder;
}

/** Takes what is free of `keys`, and resolves with what is not. */
export async function takeFree(
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

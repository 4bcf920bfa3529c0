import { unlessAborted } from "../../base/abort.js";
import { NoNodeError, NodeExistsError, isLost } from "../../base/tx-errors.js";
import type { Versioned } from "../accessor.js";
import type { Fate, HeldLock, Holder, RecordValues, Release, SetRecord } from "../types.js";
import { encoded, lockOf, parentOf, recordOf } from "./zk-layout.js";
import type { LockNode, ZKLayout } from "./zk-layout.js";
import { ZKMark, markVersion } from "./zk-mark.js";
import type { ZKSession } from "./zk-session.js";

/** How often a lock may vanish between two looks at it, before somebody is told. */
const maxRaces = 1000;

interface Watch {
  readonly onChange?: () => void;
  readonly signal?: AbortSignal;
}

/** A lock in somebody's hands, and when to look again. */
interface Look extends LockNode {
  readonly version: number;
  readonly fate: Fate;
  readonly event: Promise<void>;
}

/** The locks of keys: persistent nodes, so that they outlive who made them. */
export class ZKLocks {
  readonly #layout: ZKLayout;

  constructor(layout: ZKLayout) {
    this.#layout = layout;
  }

  /** As `Storage.tryLock`. A free lock takes one round trip, with the record under it. */
  async tryLock(session: ZKSession, txid: number, key: string, signal: AbortSignal): Promise<HeldLock | Holder> {
    const path = this.#layout.lock(key);
    for (let race = 0; ; race++) {
      // Sent together, and served in this order: the record is read under the lock.
      const created = session.create(path, encoded({ id: txid, val: null }));
      const record = this.#record(session, key);
      record.catch(() => {}); // of no interest when somebody else has the lock
      try {
        await created;
        return { held: true, version: 0, set: null, record: await record };
      } catch (error) {
        if (race === maxRaces) throw error;
        if (error instanceof NoNodeError) {
          await session.mkdirp(parentOf(path));
          continue;
        }
        if (!(error instanceof NodeExistsError)) throw error;
      }
      const look = await this.#look(session, key, signal, txid);
      if (look?.id === txid) {
        // Read again: it may have become its own after the first reading.
        return { held: true, version: look.version, set: look.val, record: await this.#record(session, key) };
      }
      if (look !== undefined) return this.#holder(session, key, look, signal);
    }
  }

  #holder(session: ZKSession, key: string, look: Look, signal: AbortSignal): Holder {
    const { id, version, fate } = look;
    return { held: false, txid: id, version, fate, changed: this.#changed(session, key, look, signal) };
  }

  async #changed(session: ZKSession, key: string, first: Look, signal: AbortSignal): Promise<void> {
    let look: Look | undefined = first;
    while (look !== undefined && look.id === first.id && look.fate === first.fate) {
      await unlessAborted(look.event, signal);
      look = await this.#look(session, key, signal, undefined);
    }
  }

  /** Who has a lock and what has become of them, `undefined` if nobody has it. Does not watch the asking transaction. */
  async #look(
    session: ZKSession,
    key: string,
    signal: AbortSignal,
    own: number | undefined,
  ): Promise<Look | undefined> {
    // What watches ends with the first change: a long wait must not gather listeners.
    const watching = new AbortController();
    const onChange = (): void => watching.abort();
    const event = new Promise<void>((resolve) => {
      watching.signal.addEventListener("abort", () => resolve());
    });
    signal.addEventListener("abort", onChange, { once: true, signal: watching.signal });
    const watch = { onChange, signal: watching.signal };
    const lock = await this.#read(session, key, watch);
    if (lock === undefined) return undefined;
    if (lock.id === own) return { ...lock, fate: "alive", event };
    if ((await session.exists(this.#layout.alive(lock.id), watch)) !== undefined)
      return { ...lock, fate: "alive", event };
    // Who commits is not alive any more, and has no lock any more: that is no death.
    const [state, again] = await Promise.all([
      session.exists(this.#layout.state(lock.id), watch),
      this.#read(session, key),
    ]);
    if (again?.id !== lock.id) return undefined;
    return { ...lock, fate: state === undefined ? "dead" : "paused", event };
  }

  /**
   * As `Storage.breakLock`. Whoever breaks a dead transaction's lock wears its mark of life meanwhile: so no two do, and
   * the lock that is deleted is the one that was seen.
   */
  async breakLock(session: ZKSession, key: string, txid: number): Promise<void> {
    const mark = new ZKMark(txid, this.#layout.alive(txid), session);
    const marked = mark.create();
    const looks = Promise.all([this.#read(session, key), session.exists(this.#layout.state(txid))]);
    looks.catch(() => {}); // of no interest when somebody else wears the mark
    try {
      await marked;
    } catch (error) {
      if (error instanceof NodeExistsError) return;
      throw error;
    }
    try {
      const [lock, state] = await looks;
      if (lock?.id !== txid || state !== undefined) return;
      await session.multi([
        { type: "delete", path: this.#layout.lock(key), version: lock.version },
        { type: "delete", path: mark.path, version: markVersion },
      ]);
      mark.ended();
    } catch (error) {
      // Somebody who does not follow this rule was faster.
      if (!isLost(error)) throw error;
    } finally {
      await mark.release();
    }
  }

  async release(session: ZKSession, txid: number, key: string): Promise<Release> {
    for (let race = 0; ; race++) {
      const lock = await this.#read(session, key);
      if (lock === undefined) return [true, txid, -1];
      if (lock.id !== txid) return [false, lock.id, lock.version];
      try {
        await session.delete(this.#layout.lock(key), lock.version);
        return [true, txid, lock.version];
      } catch (error) {
        if (!isLost(error) || race === maxRaces) throw error;
      }
    }
  }

  /** The txid of the transaction that has a lock. */
  async holder(session: ZKSession, key: string): Promise<number | undefined> {
    return (await this.#read(session, key))?.id;
  }

  async setValue(session: ZKSession, txid: number, value: SetRecord, version: number): Promise<number> {
    const { k, values, v } = value;
    const val = { k, version: value.version, values, v }; // in the order in which the original writes them
    return (await session.set(this.#layout.lock(k), encoded({ id: txid, val }), version)).version;
  }

  async #read(session: ZKSession, key: string, watch?: Watch): Promise<(LockNode & { version: number }) | undefined> {
    const path = this.#layout.lock(key);
    try {
      const { data, stat } = await session.get(path, watch);
      return { ...lockOf(data, path), version: stat.version };
    } catch (error) {
      if (error instanceof NoNodeError) return undefined;
      throw error;
    }
  }

  async #record(session: ZKSession, key: string): Promise<Versioned<RecordValues>> {
    const path = this.#layout.record(key);
    try {
      const { data, stat } = await session.get(path);
      return [recordOf(data, path), stat.version];
    } catch (error) {
      if (error instanceof NoNodeError) return [[null], -1];
      throw error;
    }
  }
}

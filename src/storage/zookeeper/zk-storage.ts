import { systemClock } from "../../base/clock.js";
import type { Clock } from "../../base/clock.js";
import { ConnectionLoss, NoNodeError, NodeExistsError } from "../../base/tx-errors.js";
import { unlessAborted } from "../../base/abort.js";
import { within } from "../../base/within.js";
import type { KeyValue, Value, Versioned } from "../accessor.js";
import { parseJson, spacedJson } from "../json.js";
import { journalIdSet } from "../journal-id-set.js";
import { Storage } from "../storage.js";
import type {
  AliveMark,
  Batch,
  HeldLock,
  Holder,
  Journal,
  JournalIdSet,
  Outcome,
  RecordValues,
  Release,
  SetRecord,
  StateEntry,
} from "../types.js";
import { ZKKeyValue, ZKValue, withParents } from "./zk-accessor.js";
import { ZKBatch } from "./zk-batch.js";
import { ZKClient } from "./zk-client.js";
import type { ZKSource } from "./zk-client.js";
import { ZKLayout, encodedIdSet, journalIdSetOf, numberAtEnd, recordOf } from "./zk-layout.js";
import { ZKLocks } from "./zk-locks.js";
import { ZKMark } from "./zk-mark.js";
import type { ZKSession } from "./zk-session.js";

export interface ZKStorageOptions {
  readonly clock?: Clock | undefined;
}

/**
 * A store on ZooKeeper, in the layout of the original zktx: both may work on one ensemble. All transactions of a storage
 * share one session; when its connection breaks, they stop.
 */
export class ZKStorage extends Storage {
  readonly client: ZKClient;
  readonly #owned: boolean;
  readonly #layout: ZKLayout;
  readonly #locks: ZKLocks;
  readonly #marks = new Set<ZKMark>();
  readonly #closed = new AbortController();
  override readonly record: KeyValue<RecordValues>;
  override readonly journal: KeyValue<Journal, number>;
  override readonly state: KeyValue<StateEntry, number>;
  override readonly journalIdSet: Value<JournalIdSet>;

  /** Takes hosts, a configuration, a `ZKClient`, or a client of `node-zookeeper-client`; closes only what it made itself. */
  constructor(source: ZKSource, options: ZKStorageOptions = {}) {
    super(options.clock ?? systemClock);
    const { client, owned } = ZKClient.of(source);
    this.client = client;
    this.#owned = owned;
    const layout = new ZKLayout(client.config);
    this.#layout = layout;
    this.#locks = new ZKLocks(layout);
    this.record = new ZKKeyValue<RecordValues>(client, {
      getPath: (key) => layout.record(key),
      load: (text) => recordOf(Buffer.from(text), "a record"),
      dump: spacedJson,
      nonodeCallback: () => [[null], -1],
    });
    const json = { load: (text: string) => parseJson(text, "a node"), dump: spacedJson };
    this.journal = new ZKKeyValue<Journal, number>(client, { ...json, getPath: (id) => layout.journal(id) });
    this.state = new ZKKeyValue<StateEntry, number>(client, { ...json, getPath: (txid) => layout.state(txid) });
    this.journalIdSet = new ZKValue<JournalIdSet>(client, {
      getPath: () => layout.journalIdSet,
      load: (text) => journalIdSetOf(Buffer.from(text), layout.journalIdSet),
      dump: (ids) => encodedIdSet(ids).toString(),
      nonodeCallback: () => [journalIdSet(), -1],
    });
  }

  override async nextTxid(): Promise<number> {
    const session = await this.#session();
    const { txidMaker } = this.#layout;
    const content = Buffer.from("x");
    try {
      return (await session.set(txidMaker, content, -1)).version;
    } catch (error) {
      if (!(error instanceof NoNodeError)) throw error;
    }
    try {
      await withParents(session, txidMaker, () => session.create(txidMaker, content));
    } catch (error) {
      if (!(error instanceof NodeExistsError)) throw error;
    }
    return (await session.set(txidMaker, content, -1)).version;
  }

  override async tryAlive(txid: number, owner: string | undefined): Promise<AliveMark | undefined> {
    const session = await this.#session();
    const onEnd = (ended: ZKMark): void => void this.#marks.delete(ended);
    const path = this.#layout.alive(txid);
    const mark = (): ZKMark => new ZKMark(txid, path, session, { owner, closed: this.#closed.signal, onEnd });
    try {
      return await withParents(session, path, async () => {
        const made = mark();
        this.#marks.add(made);
        await made.create();
        return made;
      });
    } catch (error) {
      if (error instanceof NodeExistsError) return undefined;
      throw error;
    }
  }

  override async isAlive(txid: number): Promise<boolean> {
    return (await (await this.#session()).exists(this.#layout.alive(txid))) !== undefined;
  }

  override async waitDead(txid: number, signal?: AbortSignal): Promise<void> {
    const session = await this.#session();
    for (;;) {
      signal?.throwIfAborted();
      let onChange = (): void => {};
      const event = new Promise<void>((resolve) => {
        onChange = resolve;
      });
      const stat = await session.exists(this.#layout.alive(txid), { onChange, ...(signal && { signal }) });
      if (stat === undefined) return;
      await unlessAborted(event, signal);
    }
  }

  override async tryLock(txid: number, key: string, signal: AbortSignal): Promise<HeldLock | Holder> {
    return this.#locks.tryLock(await this.#session(), txid, key, signal);
  }

  override async breakLock(key: string, txid: number): Promise<void> {
    await this.#locks.breakLock(await this.#session(), key, txid);
  }

  override async tryReleaseKey(txid: number, key: string): Promise<Release> {
    return this.#locks.release(await this.#session(), txid, key);
  }

  override async setLockValue(alive: AliveMark, value: SetRecord, version: number): Promise<number> {
    // On the mark's own session: what somebody believed dead sends, the server refuses.
    const session = alive instanceof ZKMark ? alive.session : await this.#session();
    return this.#locks.setValue(session, alive.txid, value, version);
  }

  override async commit(batch: Batch): Promise<number | undefined> {
    const sent = new ZKBatch(this.#layout, batch).send();
    // Sent along, so that the set of ids is at hand when the journal is to be recorded.
    const seen = batch.journal && this.journalIdSet.get();
    seen?.catch(() => {}); // read again if need be
    const journalId = await sent;
    if (journalId !== undefined) await this.#journalled(journalId, seen);
    return journalId;
  }

  /** The batch is applied by now: a failure here must not look like one of it, and the next commit's journal covers this one. */
  async #journalled(journalId: number, seen: Promise<Versioned<JournalIdSet>> | undefined): Promise<void> {
    await Promise.resolve(seen)
      .then((ids) => this.addToJournalIdSet("COMMITTED", journalId, ids))
      .catch(() => {});
  }

  override async outcome(batch: Batch, timeout: number): Promise<Outcome> {
    let outcome: Outcome = "unknown";
    const search = async (): Promise<void> => {
      const sent = new ZKBatch(this.#layout, batch);
      outcome = await sent.outcome(this.#locks, () => this.client.session());
    };
    try {
      await within(this.clock, timeout, search());
    } catch {
      // Nobody could tell.
    }
    return outcome;
  }

  override async stateTxids(): Promise<readonly number[]> {
    try {
      const names = await (await this.#session()).children(this.#layout.states);
      return names.map((name) => numberAtEnd(name));
    } catch (error) {
      if (error instanceof NoNodeError) return [];
      throw error;
    }
  }

  override async close(): Promise<void> {
    const marks = [...this.#marks];
    this.#closed.abort(new ConnectionLoss("the storage was closed"));
    if (this.#owned) await this.client.close();
    else await Promise.all(marks.map((mark) => mark.fence()));
  }

  async #session(): Promise<ZKSession> {
    this.#closed.signal.throwIfAborted();
    const session = this.client.current ?? (await this.client.session());
    this.#closed.signal.throwIfAborted();
    return session;
  }
}

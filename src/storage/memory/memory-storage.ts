import { systemClock } from "../../base/clock.js";
import type { Clock } from "../../base/clock.js";
import { CommitError, ConnectionLoss } from "../../base/tx-errors.js";
import { ValueAt } from "../accessor.js";
import type { KeyValue, Value } from "../accessor.js";
import { journalIdSet } from "../journal-id-set.js";
import { Storage } from "../storage.js";
import type {
  AliveMark,
  Batch,
  Fate,
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
import { MemoryKeyValue } from "./memory-accessor.js";
import { MemoryData } from "./memory-data.js";
import { MemoryMark } from "./memory-mark.js";

export interface MemoryStorageOptions {
  readonly clock?: Clock | undefined;
}

/**
 * A store in this process's memory: for tests, and as an embedded default. It forgets everything with the process.
 * `client()` is another client of the same store, as another process would be one of a shared store.
 */
export class MemoryStorage extends Storage {
  readonly #data: MemoryData;
  readonly #closed = new AbortController();
  readonly #marks = new Set<MemoryMark>();
  override readonly record: KeyValue<RecordValues>;
  override readonly journal: KeyValue<Journal, number>;
  override readonly state: KeyValue<StateEntry, number>;
  override readonly journalIdSet: Value<JournalIdSet>;

  constructor(options: MemoryStorageOptions = {}, data = new MemoryData()) {
    super(options.clock ?? systemClock);
    this.#data = data;
    const check = (): void => this.#closed.signal.throwIfAborted();
    this.record = new MemoryKeyValue(data.records, { absent: () => [null], check });
    this.journal = new MemoryKeyValue(data.journals, { check });
    this.state = new MemoryKeyValue(data.states, { check });
    this.journalIdSet = new ValueAt(
      new MemoryKeyValue(data.journalIdSet, { absent: journalIdSet, check, load: journalIdSet }),
      "",
    );
  }

  /** Another client of the same store: closing one leaves the other as it is. */
  client(options: MemoryStorageOptions = {}): MemoryStorage {
    return new MemoryStorage({ clock: this.clock, ...options }, this.#data);
  }

  override async nextTxid(): Promise<number> {
    this.#closed.signal.throwIfAborted();
    return this.#data.nextTxid();
  }

  override async tryAlive(txid: number, owner: string | undefined): Promise<AliveMark | undefined> {
    this.#closed.signal.throwIfAborted();
    if (this.#data.marks.has(txid)) return undefined;
    const mark = new MemoryMark(txid, owner, this.#data, () => this.#marks.delete(mark));
    this.#marks.add(mark);
    return mark;
  }

  override async isAlive(txid: number): Promise<boolean> {
    this.#closed.signal.throwIfAborted();
    return this.#data.marks.has(txid);
  }

  override async waitDead(txid: number, signal?: AbortSignal): Promise<void> {
    await this.#until([["alive", txid]], () => !this.#data.marks.has(txid), signal);
  }

  override async tryLock(txid: number, key: string, signal: AbortSignal): Promise<HeldLock | Holder> {
    this.#closed.signal.throwIfAborted();
    const { locks, records } = this.#data;
    if (!locks.has(key)) locks.create(key, { id: txid, val: null });
    const [{ id, val }, version] = locks.get(key);
    if (id === txid) return { held: true, version, set: val, record: records.find(key) ?? [[null], -1] };
    const fate = this.#fate(id);
    const other = (): boolean => locks.find(key)?.[0].id !== id || this.#fate(id) !== fate;
    const watched = [["lock", key] as const, ["alive", id] as const, ["state", id] as const];
    return { held: false, txid: id, version, fate, changed: this.#until(watched, other, signal) };
  }

  override async breakLock(key: string, txid: number): Promise<void> {
    this.#closed.signal.throwIfAborted();
    if (this.#fate(txid) === "dead") await this.tryReleaseKey(txid, key);
  }

  override async tryReleaseKey(txid: number, key: string): Promise<Release> {
    this.#closed.signal.throwIfAborted();
    const lock = this.#data.locks.find(key);
    if (lock === undefined) return [true, txid, -1];
    const [{ id }, version] = lock;
    if (id !== txid) return [false, id, version];
    this.#data.locks.delete(key, version);
    return [true, txid, version];
  }

  override async setLockValue(alive: AliveMark, value: SetRecord, version: number): Promise<number> {
    this.#closed.signal.throwIfAborted();
    return this.#data.locks.set(value.k, { id: alive.txid, val: value }, version);
  }

  override async commit(batch: Batch): Promise<number | undefined> {
    this.#closed.signal.throwIfAborted();
    const { records, locks, states, journals } = this.#data;
    const { alive, stateVersion } = batch;
    this.#refuseUnless(alive instanceof MemoryMark && alive.isThere, batch, "its mark of life is gone");
    for (const { key, version } of [...batch.records, ...batch.reads]) {
      this.#refuseUnless(records.versionOf(key) === version, batch, `record ${key} is not at version ${version}`);
    }
    for (const { key, version } of batch.locks) {
      const held = locks.find(key)?.[0].id === alive.txid && locks.versionOf(key) === version;
      this.#refuseUnless(held, batch, `the lock of ${key} is not its own at version ${version}`);
    }
    const sameState = stateVersion === undefined || states.versionOf(alive.txid) === stateVersion;
    this.#refuseUnless(sameState, batch, "its state was changed by somebody else");
    // From here on nothing can fail.
    for (const { key, version, values } of batch.records) {
      if (values === undefined) records.delete(key, version);
      else if (version === -1) records.create(key, values);
      else records.set(key, values, version);
    }
    for (const { key, version } of batch.locks) locks.delete(key, version);
    if (stateVersion !== undefined) states.delete(alive.txid, stateVersion);
    const journalId = batch.journal && this.#data.nextJournalId();
    if (journalId !== undefined && batch.journal) journals.create(journalId, batch.journal);
    if (batch.last) await alive.release();
    // It is applied by now: a failure here must not look like one of it, and the next journal covers this one.
    if (journalId !== undefined) await this.addToJournalIdSet("COMMITTED", journalId).catch(() => {});
    return journalId;
  }

  #refuseUnless(holds: boolean, { alive: { txid } }: Batch, reason: string): void {
    if (!holds) throw new CommitError(`transaction ${txid} was refused: ${reason}; nothing was applied`, { txid });
  }

  /** Nothing gets lost on the way to memory. */
  override async outcome(): Promise<Outcome> {
    return "unknown";
  }

  override async stateTxids(): Promise<readonly number[]> {
    this.#closed.signal.throwIfAborted();
    return this.#data.states.keys();
  }

  override async close(): Promise<void> {
    this.#closed.abort(new ConnectionLoss("this client of the memory store was closed"));
    for (const mark of this.#marks) mark.lose(this.#closed.signal.reason);
  }

  #fate(txid: number): Fate {
    if (this.#data.marks.has(txid)) return "alive";
    return this.#data.states.has(txid) ? "paused" : "dead";
  }

  /** Resolves once `holds` does, looking again whenever one of the entries is written. */
  async #until(
    entries: readonly (readonly [kind: string, key: string | number])[],
    holds: () => boolean,
    signal?: AbortSignal,
  ): Promise<void> {
    const watching = new AbortController();
    const stop = AbortSignal.any([this.#closed.signal, watching.signal, ...(signal ? [signal] : [])]);
    try {
      await new Promise<void>((resolve) => {
        const look = (): void => {
          if (holds()) resolve();
        };
        for (const [kind, key] of entries) this.#data.watch(kind, key, look, watching.signal);
        stop.addEventListener("abort", () => resolve());
        if (stop.aborted) resolve();
        look();
      });
      stop.throwIfAborted();
    } finally {
      watching.abort();
    }
  }
}

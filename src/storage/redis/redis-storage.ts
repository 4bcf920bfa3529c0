import { randomUUID } from "node:crypto";
import { monotonicMs, systemClock } from "../../base/clock.js";
import type { Clock } from "../../base/clock.js";
import { ValidationError } from "../../base/errors.js";
import { BadVersionError, CommitError, ConnectionLoss } from "../../base/tx-errors.js";
import { ValueAt } from "../accessor.js";
import type { KeyValue, Value } from "../accessor.js";
import { parseJson, spacedJson } from "../json.js";
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
import { RedisChanges } from "./redis-changes.js";
import { RedisScripts } from "./redis-client.js";
import type { RedisClient } from "./redis-client.js";
import { RedisEntries } from "./redis-entries.js";
import { RedisMark } from "./redis-mark.js";
import * as scripts from "./scripts.js";

export interface RedisStorageOptions {
  /** What the names of all entries begin with. Its part in braces puts them on one node of a cluster. Default: `{dynatx}:`. */
  readonly prefix?: string | undefined;
  /** After how many milliseconds without a sign of life a process is taken for dead. Default: 10,000. */
  readonly leaseMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

const defaultLeaseMs = 10_000;
/** Between two questions for an outcome, while there is no connection. */
const outcomePauseMs = 50;

/**
 * A store in Redis: every step is one script, and so one request. Whatever Redis forgets, this forgets: see the guide for
 * how it must be configured.
 */
export class RedisStorage extends Storage {
  readonly #client: RedisClient;
  readonly #scripts: RedisScripts;
  readonly #changes: RedisChanges;
  readonly #leaseMs: number;
  readonly #marks = new Set<RedisMark>();
  readonly #closed = new AbortController();
  readonly #onBreak = (): void => {
    for (const mark of [...this.#marks]) mark.lose("the connection to Redis was lost");
  };
  override readonly record: KeyValue<RecordValues>;
  override readonly journal: KeyValue<Journal, number>;
  override readonly state: KeyValue<StateEntry, number>;
  override readonly journalIdSet: Value<JournalIdSet>;

  /** Takes a connected client of the package `redis`, and never closes it. */
  constructor(client: RedisClient, options: RedisStorageOptions = {}) {
    super(options.clock ?? systemClock);
    const { prefix = "{dynatx}:", leaseMs = defaultLeaseMs } = options;
    if (!(leaseMs > 0)) throw new ValidationError("leaseMs is a number of milliseconds above 0");
    this.#client = client;
    this.#leaseMs = leaseMs;
    this.#scripts = new RedisScripts(client, prefix, leaseMs);
    this.#changes = new RedisChanges(client, `${prefix}changes`);
    client.on("error", this.#onBreak);
    client.on("end", this.#onBreak);
    this.record = new RedisEntries<RecordValues, string>(this.#scripts, { kind: "record", absent: () => [null] });
    this.journal = new RedisEntries<Journal, number>(this.#scripts, { kind: "journal" });
    this.state = new RedisEntries<StateEntry, number>(this.#scripts, { kind: "state" });
    const idSets = new RedisEntries<JournalIdSet, string>(this.#scripts, {
      kind: "journal_id_set",
      absent: journalIdSet,
      load: journalIdSet,
    });
    this.journalIdSet = new ValueAt(idSets, "");
  }

  override async nextTxid(): Promise<number> {
    return Number(await this.#run(scripts.nextTxid));
  }

  override async tryAlive(txid: number, owner: string | undefined): Promise<AliveMark | undefined> {
    const askedAt = monotonicMs(this.clock);
    const text = spacedJson({ id: randomUUID(), val: owner === undefined ? null : { zk_owner: owner } });
    const token = (await this.#run(scripts.mark, txid, this.#leaseMs, text)) as string | null; // what the script returns
    if (token === null) return undefined;
    const { clock } = this;
    const onEnd = (ended: RedisMark): void => void this.#marks.delete(ended);
    const mark = new RedisMark(txid, token, { scripts: this.#scripts, clock, leaseMs: this.#leaseMs, askedAt, onEnd });
    this.#marks.add(mark);
    return mark;
  }

  override async isAlive(txid: number): Promise<boolean> {
    return (await this.#look(txid)).fate === "alive";
  }

  override async waitDead(txid: number, signal?: AbortSignal): Promise<void> {
    const expiry = async (): Promise<number | undefined> => {
      const { fate, leaseLeft } = await this.#look(txid);
      return fate === "alive" ? leaseLeft : undefined;
    };
    await this.#until([`alive:${txid}`], expiry, signal);
    signal?.throwIfAborted();
  }

  override async tryLock(txid: number, key: string, signal: AbortSignal): Promise<HeldLock | Holder> {
    const answer = await this.#run(scripts.lock, txid, key);
    const [held, ...rest] = answer as [number, ...(string | number)[]]; // what the script returns
    const [first = "", second = "", third = "", fourth = ""] = rest.map(String);
    if (held === 1) {
      const record = [parseJson(third, `record:${key}`), Number(fourth)] as const;
      return { held: true, version: Number(first), set: parseJson(second, `lock:${key}`), record };
    }
    const id = Number(first);
    const fate = third as Fate;
    return { held: false, txid: id, version: Number(second), fate, changed: this.#changed(key, id, fate, signal) };
  }

  /** Resolves when a lock is no longer that transaction's, or its fate is another. */
  async #changed(key: string, txid: number, fate: Fate, signal: AbortSignal): Promise<void> {
    await this.#until(
      [`lock:${key}`, `alive:${txid}`, `state:${txid}`],
      async () => {
        const [holder, present, leaseLeft] = (await this.#run(scripts.holder, key, txid)) as [string, string, number];
        if (Number(holder) !== txid || present !== fate) return undefined;
        return fate === "alive" ? leaseLeft : Infinity;
      },
      signal,
    );
  }

  override async breakLock(key: string, txid: number): Promise<void> {
    await this.#run(scripts.breakLock, txid, key);
  }

  override async tryReleaseKey(txid: number, key: string): Promise<Release> {
    const [released, holder, version] = ((await this.#run(scripts.release, txid, key)) as unknown[]).map(Number);
    return [released === 1, holder ?? txid, version ?? -1];
  }

  override async setLockValue(alive: AliveMark, value: SetRecord, version: number): Promise<number> {
    const { txid, token } = this.#own(alive);
    const answer = await this.#run(scripts.setLock, txid, token, value.k, version, spacedJson(value));
    if (answer === -1) throw new BadVersionError(`lock:${value.k} is not that of transaction ${txid} any more`);
    return Number(answer);
  }

  override async commit(batch: Batch): Promise<number | undefined> {
    const mark = this.#own(batch.alive);
    const { txid } = mark;
    const { records, reads, locks, journal, stateVersion = -1 } = batch;
    const steps = [
      ...records.flatMap(({ key, version, values }) => ["record", key, version, values ? spacedJson(values) : ""]),
      ...reads.flatMap(({ key, version }) => ["read", key, version]),
      ...locks.flatMap(({ key, version }) => ["lock", key, version]),
    ];
    const text = journal ? spacedJson(journal) : "";
    const head = [txid, mark.token, batch.last ? 1 : 0, stateVersion, text, this.maxJournalHistory];
    const [applied, result] = (await this.#run(scripts.commit, ...head, ...steps)) as [number, number | string];
    if (applied !== 1)
      throw new CommitError(`transaction ${txid} was refused: ${result}; nothing was applied`, { txid });
    if (batch.last) mark.ended();
    return journal ? Number(result) : undefined;
  }

  override async outcome(batch: Batch, timeout: number): Promise<Outcome> {
    const { txid, token } = this.#own(batch.alive);
    const deadline = monotonicMs(this.clock) + timeout;
    while (monotonicMs(this.clock) < deadline && !this.#closed.signal.aborted) {
      try {
        return (await this.#run(scripts.outcome, txid, token)) === "applied" ? "applied" : "refused";
      } catch (error) {
        if (!(error instanceof ConnectionLoss)) break;
      }
      await this.clock.sleep(outcomePauseMs);
    }
    return "unknown";
  }

  override async stateTxids(): Promise<readonly number[]> {
    return ((await this.#run(scripts.states)) as unknown[]).map(Number);
  }

  override async close(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort(new ConnectionLoss("the storage was closed"));
    this.#client.off("error", this.#onBreak);
    this.#client.off("end", this.#onBreak);
    this.#changes.close();
    const marks = [...this.#marks];
    for (const mark of marks) mark.lose("the storage was closed");
    await Promise.allSettled(marks.map((mark) => mark.release()));
  }

  async #look(txid: number): Promise<{ readonly fate: Fate; readonly leaseLeft: number }> {
    const [fate, leaseLeft] = (await this.#run(scripts.look, txid)) as [Fate, number];
    return { fate, leaseLeft };
  }

  /** Asks again whenever an entry changes or a lease may have run out, until `look` gives no time to wait any more. */
  async #until(
    entries: readonly string[],
    look: () => Promise<number | undefined>,
    signal?: AbortSignal,
  ): Promise<void> {
    await this.#changes.ready();
    for (;;) {
      const watching = new AbortController();
      const stop = AbortSignal.any([watching.signal, this.#closed.signal, ...(signal ? [signal] : [])]);
      try {
        const event = new Promise<void>((resolve) => {
          for (const entry of entries) this.#changes.once(entry, resolve, watching.signal);
          stop.addEventListener("abort", () => resolve());
          if (stop.aborted) resolve();
        });
        const left = await look();
        if (left === undefined || signal?.aborted) return;
        // A lease that runs out is no event: it is looked at when it may have.
        const timer = left === Infinity ? [] : [this.clock.sleep(left + 1, stop).catch(() => {})];
        await Promise.race([event, ...timer]);
        if (signal?.aborted) return;
        this.#closed.signal.throwIfAborted();
      } finally {
        watching.abort();
      }
    }
  }

  #own(alive: AliveMark): RedisMark {
    if (alive instanceof RedisMark) return alive;
    throw new CommitError("the mark of life is not one of this storage", { txid: alive.txid });
  }

  async #run(script: string, ...args: readonly (string | number)[]): Promise<unknown> {
    this.#closed.signal.throwIfAborted();
    return this.#scripts.run(script, ...args);
  }
}

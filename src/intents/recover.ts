/** Finishing what crashed processes have left in flight, before anybody meets it. */
import { CoordinatorError, ValidationError } from "../base/errors.js";
import type { KeyValues } from "../base/errors.js";
import { allParallel } from "../base/parallel.js";
import type { AttributeMap } from "../dynamodb/attribute.js";
import type { Connection } from "../dynamodb/connection.js";
import type { Coordinator } from "../dynamodb/coordinator.js";
import { layoutOf } from "../dynamodb/table.js";
import type { TableLayout, TableSource } from "../dynamodb/table.js";
import { isRecord, recordNames, recordOf } from "../dynamodb/transaction-record.js";
import type { TransactionRecord } from "../dynamodb/transaction-record.js";
import { intentOf } from "./intent.js";
import { manifestOf } from "./manifest.js";
import type { ManifestEntry } from "./manifest.js";
import { ownerOfPart } from "./parts.js";
import { readPlace } from "./place.js";
import type { Place } from "./place.js";
import { settleIfOver } from "./resolve.js";

const parallelItems = 32;
const defaultKeepMs = 60 * 60 * 1000;

export interface RecoverOptions {
  /** Models whose tables are swept too, for what aborted transactions have left in items that nobody has touched since. Reads these tables whole. */
  readonly tables?: readonly TableSource[] | undefined;
  /** How long the record of a committed transaction is kept, in milliseconds, since its owner may still ask for it. Default: an hour. */
  readonly keepCommittedMs?: number | undefined;
  /** True: nothing is changed, and the report tells what would be. Default: false. */
  readonly dryRun?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a recovery has found and done (with `dryRun`: would have done). */
export interface RecoverReport {
  /** Pending transactions whose owner has shown no sign of life for a lease: aborted. */
  readonly aborted: number;
  /** Committed transactions that had items in flight: applied. */
  readonly applied: number;
  /** Records of committed transactions without items in flight, older than they are kept: removed. */
  readonly forgotten: number;
  /** Items of aborted transactions, in the tables that were swept: as they were before. */
  readonly undone: number;
  /** Parts of transactions that are no more: removed. */
  readonly removed: number;
  /** Transactions that live: left alone. */
  readonly inFlight: number;
  /** Committed transactions with items at endpoints this connection was not told of: left as they are. */
  readonly unreachable: number;
}

type Tally = { -readonly [Name in keyof RecoverReport]: number };

/**
 * Aborts the transactions of crashed processes and carries out those that were committed. Nothing depends on it: whoever
 * touches an item settles what it meets. It keeps the coordinator table short, and waits one lease to tell the living
 * from the dead. Safe beside living transactions, and beside another recovery. Throws `CoordinatorError` without a
 * coordinator table.
 */
export async function recover(connection: Connection, options: RecoverOptions = {}): Promise<RecoverReport> {
  if (typeof connection?.coordinator !== "object") throw new ValidationError("recover takes a Connection");
  return new Recovery(connection, options).run();
}

class Recovery {
  readonly #connection: Connection;
  readonly #coordinator: Coordinator;
  readonly #options: RecoverOptions;
  readonly #tally: Tally = {
    aborted: 0,
    applied: 0,
    forgotten: 0,
    undone: 0,
    removed: 0,
    inFlight: 0,
    unreachable: 0,
  };

  constructor(connection: Connection, options: RecoverOptions) {
    this.#connection = connection;
    this.#coordinator = connection.coordinator;
    this.#options = options;
  }

  async run(): Promise<RecoverReport> {
    await this.#coordinator.identity();
    const pending = new Map<string, number>();
    const parts: string[] = [];
    for await (const item of this.#rows(this.#coordinator.table)) {
      const id = item[recordNames.id]?.S ?? "";
      if (!isRecord(item)) parts.push(id);
      else if (recordOf(item).state === "pending") pending.set(id, recordOf(item).beats);
      else await this.#finish(id, recordOf(item));
    }
    await this.#abortDead(pending);
    await this.#removeParts(parts);
    for (const source of this.#options.tables ?? []) await this.#sweep(source[layoutOf]);
    return this.#tally;
  }

  /** All items of a table, consistently; `filter`: only those in flight. */
  async *#rows(table: string, filter?: string): AsyncGenerator<AttributeMap> {
    let from: AttributeMap | undefined;
    do {
      const page = await this.#connection.requests.scan(
        {
          TableName: table,
          ConsistentRead: true,
          ...(filter !== undefined && {
            FilterExpression: "attribute_exists(#tx)",
            ExpressionAttributeNames: { "#tx": filter },
          }),
          ...(from && { ExclusiveStartKey: from }),
        },
        this.#options.signal,
      );
      yield* page.Items ?? [];
      from = page.LastEvaluatedKey;
    } while (from !== undefined);
  }

  /** Applies what a committed transaction has in flight, and forgets it when nobody can ask for it any more. */
  async #finish(id: string, record: TransactionRecord): Promise<void> {
    const entries = (await manifestOf(this.#coordinator, id, record)) ?? [];
    let inFlight = 0;
    try {
      await allParallel(entries, parallelItems, async (entry) => {
        const place = await this.#placeOf(entry);
        const stored = await readPlace(place, this.#options.signal);
        if (stored === undefined || intentOf(place.connection.reserved, stored)?.transaction !== id) return;
        inFlight++;
        if (this.#options.dryRun) return;
        await settleIfOver(place, stored);
        const { table, keyValues: key } = place;
        this.#connection.emit("recovered", () => ({ table, key, outcome: "applied" }));
      });
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      if (!(error instanceof CoordinatorError)) throw error;
      this.#tally.unreachable++;
      return;
    }
    if (inFlight > 0) this.#tally.applied++;
    const ageMs = this.#connection.clock.now() - record.committedAt;
    if (ageMs < (this.#options.keepCommittedMs ?? defaultKeepMs)) return;
    this.#tally.forgotten++;
    if (!this.#options.dryRun) await this.#coordinator.forget(id);
  }

  async #placeOf({ table, key, endpoint }: ManifestEntry): Promise<Place> {
    const connection = endpoint === undefined ? this.#connection : await this.#connection.connectionOf(endpoint);
    return { connection, table, key, keyValues: plainKey(key) };
  }

  /** A lease after the first look, who has shown no sign of life is dead. */
  async #abortDead(pending: ReadonlyMap<string, number>): Promise<void> {
    const { clock, leaseMs } = this.#connection;
    if (pending.size === 0) return;
    await clock.sleep(leaseMs, this.#options.signal);
    for (const [id, beats] of pending) {
      const record = await this.#coordinator.record(id);
      if (record === undefined) continue;
      if (record.state === "committed") await this.#finish(id, record);
      else if (record.beats !== beats) this.#tally.inFlight++;
      else if (this.#options.dryRun || (await this.#coordinator.abort(id)) === "done") this.#tally.aborted++;
    }
  }

  /** A part is written after its record and removed before it, so without one it is garbage. */
  async #removeParts(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const owner = ownerOfPart(name);
      if (owner === undefined || (await this.#coordinator.record(owner)) !== undefined) continue;
      this.#tally.removed++;
      if (!this.#options.dryRun) await this.#coordinator.dropPart(name);
    }
  }

  async #sweep({ table: name, hash, range }: TableLayout): Promise<void> {
    const connection = this.#connection;
    const table = connection.tableName(name);
    for await (const stored of this.#rows(table, connection.reserved.intent)) {
      const names = range === undefined ? [hash.name] : [hash.name, range.name];
      const key = Object.fromEntries(names.flatMap((each) => (stored[each] ? [[each, stored[each]]] : [])));
      const place: Place = { connection, table, key, keyValues: plainKey(key) };
      if (this.#options.dryRun) this.#tally.undone++;
      else if (await settleIfOver(place, stored)) this.#tally.undone++;
    }
  }
}

/** A key as events tell it, where no model says how it is to be read. */
function plainKey(key: AttributeMap): KeyValues {
  return Object.fromEntries(
    Object.entries(key).map(([name, { S, N, B }]) => [name, S ?? (N === undefined ? B : Number(N))]),
  );
}

/** Finishing what crashed processes have left in flight, before anybody meets it. */
import { ConflictError, CoordinatorError, ValidationError, describeItem } from "../base/errors.js";
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
const maxFailures = 10;
/** How often one item is looked at until it is free. */
const maxLooks = 5;
const defaultKeepMs = 60 * 60 * 1000;

export interface RecoverOptions {
  /** Models whose tables are swept too, for what aborted transactions have left in items that nobody has touched since. Reads these tables whole. */
  readonly tables?: readonly TableSource[] | undefined;
  /** How long the record of a decided transaction is kept, in milliseconds, since its owner may still ask for it. Default: an hour. */
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
  /** Records of decided transactions without items in flight, older than they are kept: removed. */
  readonly forgotten: number;
  /** Items in the tables that were swept which decided transactions still held: settled. */
  readonly freed: number;
  /** Parts of transactions that are no more: removed. */
  readonly removed: number;
  /** Transactions that live: left alone. */
  readonly inFlight: number;
  /** Transactions and items of endpoints this connection was not told of, or that did not answer: left as they are. */
  readonly unreachable: number;
  /** Transactions and items that could not be settled for another reason: left as they are. */
  readonly failed: number;
  /** What was met with the last two, at most 10 of it. */
  readonly failures: readonly unknown[];
}

type Tally = { -readonly [Name in Exclude<keyof RecoverReport, "failures">]: number };

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
    freed: 0,
    removed: 0,
    inFlight: 0,
    unreachable: 0,
    failed: 0,
  };
  readonly #failures: unknown[] = [];

  constructor(connection: Connection, options: RecoverOptions) {
    this.#connection = connection;
    this.#coordinator = connection.coordinator;
    this.#options = options;
  }

  async run(): Promise<RecoverReport> {
    await this.#coordinator.identity();
    const pending = new Map<string, number>();
    const decided: [string, TransactionRecord][] = [];
    const parts: string[] = [];
    for await (const item of this.#rows(this.#coordinator.table)) {
      const id = item[recordNames.id]?.S ?? "";
      if (!isRecord(item)) parts.push(id);
      else if (recordOf(item).state === "pending") pending.set(id, recordOf(item).beats);
      else decided.push([id, recordOf(item)]);
    }
    for (const [id, record] of decided) await this.#decided(id, record);
    await this.#abortDead(pending);
    await this.#removeParts(parts);
    for (const source of this.#options.tables ?? []) await this.#sweep(source[layoutOf]);
    return { ...this.#tally, failures: this.#failures };
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

  /** What one transaction or item has against it keeps nobody from the others. */
  async #tolerant(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.signal?.throwIfAborted();
      if (error instanceof CoordinatorError) this.#tally.unreachable++;
      else this.#tally.failed++;
      if (this.#failures.length < maxFailures) this.#failures.push(error);
    }
  }

  #decided(id: string, record: TransactionRecord): Promise<void> {
    return this.#tolerant(async () => {
      if (record.state === "committed") return this.#finish(id, record);
      // Aborted by another, and its owner has not asked for it: kept as long, for a late begin must still find it.
      if (this.#isKept(record)) return;
      this.#tally.forgotten++;
      if (!this.#options.dryRun) await this.#coordinator.withdraw(id);
    });
  }

  /** Applies what a committed transaction has in flight, and forgets it when nobody can ask for it any more. */
  async #finish(id: string, record: TransactionRecord): Promise<void> {
    const { dryRun = false } = this.#options;
    const entries = (await manifestOf(this.#coordinator, id, record)) ?? [];
    const found: boolean[] = [];
    await allParallel(entries, parallelItems, async (entry) => {
      if (await this.#free(id, await this.#placeOf(entry))) found.push(true);
    });
    if (found.length > 0) this.#tally.applied++;
    // Nothing is in flight any more; with `dryRun` as far as can be seen.
    if (this.#isKept(record)) {
      if (!dryRun && record.attempts.length > 0) await this.#coordinator.close(id);
      return;
    }
    this.#tally.forgotten++;
    if (!dryRun) await this.#coordinator.forget(id);
  }

  #isKept({ decidedAt }: TransactionRecord): boolean {
    return this.#connection.clock.now() - decidedAt < (this.#options.keepCommittedMs ?? defaultKeepMs);
  }

  /** Gives one item its new state. Whether it was in flight. Throws when it still is: then its transaction must not be forgotten. */
  async #free(id: string, place: Place): Promise<boolean> {
    const { signal, dryRun } = this.#options;
    const { connection, table, keyValues: key } = place;
    for (let look = 0; ; look++) {
      const stored = await readPlace(place, signal);
      if (stored === undefined || intentOf(connection.reserved, stored)?.transaction !== id) return look > 0;
      if (dryRun) return true;
      if (look >= maxLooks) throw new ConflictError(`${describeItem(table, key)} cannot be freed`, { table, key });
      if ((await settleIfOver(place, stored)) && look === 0)
        connection.emit("recovered", () => ({ table, key, outcome: "applied" }));
    }
  }

  async #placeOf({ table, key, endpoint }: ManifestEntry): Promise<Place> {
    const connection = endpoint === undefined ? this.#connection : await this.#connection.connectionOf(endpoint);
    connection.addCoordinator(this.#connection); // whose transaction is in flight there
    return { connection, table, key, keyValues: plainKey(key) };
  }

  /** A lease after the first look, who has shown no sign of life is dead. */
  async #abortDead(pending: ReadonlyMap<string, number>): Promise<void> {
    const { clock, leaseMs } = this.#connection;
    if (pending.size === 0) return;
    await clock.sleep(leaseMs, this.#options.signal);
    for (const [id, beats] of pending) {
      await this.#tolerant(async () => {
        const record = await this.#coordinator.record(id);
        if (record === undefined) return;
        if (record.state !== "pending") return this.#decided(id, record);
        if (record.beats !== beats) this.#tally.inFlight++;
        else if (this.#options.dryRun || (await this.#coordinator.abort(id)) === "done") {
          this.#tally.aborted++;
          if (this.#options.keepCommittedMs === 0 && !this.#options.dryRun) await this.#coordinator.withdraw(id);
        }
      });
    }
  }

  /** A part is written after its record and removed before it: without one, or with one that is aborted, it is garbage. */
  async #removeParts(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const owner = ownerOfPart(name);
      const record = owner === undefined ? undefined : await this.#coordinator.record(owner);
      if (owner === undefined || (record !== undefined && record.state !== "aborted")) continue;
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
      await this.#tolerant(async () => {
        if (await settleIfOver(place, stored, this.#options.dryRun)) this.#tally.freed++;
      });
    }
  }
}

/** A key as events tell it, where no model says how it is to be read. */
function plainKey(key: AttributeMap): KeyValues {
  return Object.fromEntries(
    Object.entries(key).map(([name, { S, N, B }]) => [name, S ?? (N === undefined ? B : Number(N))]),
  );
}

import { surface } from "../base/events.js";
import type { Connection } from "../dynamodb/connection.js";
import type { CommitCounts, CommitEvent, CommitId, CommitScope } from "../dynamodb/connection-events.js";
import type { Item } from "../model/binding.js";
import type { Status } from "./definition.js";

/** What one commit is, for its events. */
export interface ReportedCommit {
  readonly connection: Connection;
  /** The name of the transaction's class. */
  readonly transaction: string;
  readonly backend: string;
  /** The table of its rows. */
  readonly table: string;
  /** The row's keys as they are now. */
  rowKeys(): Pick<CommitId, "hashKey" | "datetime">;
  /** The report of the commit that this one is a part of. */
  readonly parent: CommitReport | undefined;
}

/** Tells what one commit does. It counts in any case, and makes nothing that nobody listens to. */
export class CommitReport {
  readonly #commit: ReportedCommit;
  #id: { -readonly [Name in keyof CommitId]: CommitId[Name] } | undefined;
  #startedAt: number | undefined;
  #scopes: readonly CommitScope[] = [];
  #attempts = 0;
  #retries = 0;

  constructor(commit: ReportedCommit) {
    this.#commit = commit;
  }

  /** Tells that the commit begins; once, however often it is called. */
  begin(): void {
    const { connection } = this.#commit;
    if (this.#startedAt !== undefined) return;
    const startedAt = connection.clock.now();
    this.#startedAt = startedAt;
    if (!connection.listened("begin")) return;
    const scopes: CommitScope[] = [];
    connection.emit("begin", () => ({
      ...this.event(),
      startedAt,
      runWithin: (scope) => void scopes.push(scope),
    }));
    this.#scopes = scopes;
  }

  /** Begins, and runs `run` once, inside the scopes that listeners asked for. Those of a part are entered at each attempt of the whole. */
  run(run: () => Promise<void>): Promise<void> {
    this.begin();
    return this.#scopes.length === 0 ? run() : within(this.#scopes, run);
  }

  /** One attempt at a target, whose table and key are told when they are known. */
  attempting(attempt: number, target: () => Item | undefined): void {
    const { connection } = this.#commit;
    this.#attempts++;
    if (!connection.listened("attempt")) return;
    connection.emit("attempt", () => {
      const item = target();
      return { ...this.event(), table: item?.table, key: item?.key, attempt };
    });
  }

  /** The commit starts over for one of its targets. */
  retrying(): void {
    this.#retries++;
  }

  done(): void {
    const { connection, backend } = this.#commit;
    if (!connection.listened("commit")) return;
    connection.emit("commit", () => ({ ...this.event(), backend, ...this.#counts() }));
  }

  failed(error: unknown, status: Status): void {
    const { connection, backend } = this.#commit;
    if (!connection.listened("failed")) return;
    connection.emit("failed", () => ({ ...this.event(), backend, ...this.#counts(), error, status }));
  }

  /** What every event of this commit says. */
  event(): CommitEvent {
    return { transaction: this.#commit.transaction, id: this.#identity() };
  }

  #identity(): CommitId {
    const { connection, backend, table, parent } = this.#commit;
    const { hashKey, datetime } = this.#commit.rowKeys();
    this.#id ??= {
      text: connection.random.writeId(),
      backend,
      table,
      hashKey,
      datetime,
      parent: parent === undefined ? undefined : parent.#identity(),
    };
    this.#id.hashKey = hashKey;
    this.#id.datetime = datetime;
    return this.#id;
  }

  #counts(): CommitCounts {
    const now = this.#commit.connection.clock.now();
    const durationMs = now - (this.#startedAt ?? now);
    return { attempts: this.#attempts, retries: this.#retries, durationMs };
  }
}

/**
 * A scope that fails, or that does not call what it is given, keeps nothing from running, or from running once. What it
 * returns is ignored: how the commit ends is the caller's to know.
 */
function within(scopes: readonly CommitScope[], run: () => Promise<void>): Promise<void> {
  let begun: Promise<void> | undefined;
  const once = (): Promise<void> => (begun ??= run());
  const nested = scopes.reduceRight<() => Promise<void>>(
    (inner, scope) => () => {
      void Promise.resolve(scope(inner)).catch(() => {});
      return once();
    },
    once,
  );
  try {
    return nested();
  } catch (error) {
    surface(error);
    return once();
  }
}

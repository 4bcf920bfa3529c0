import { AmbiguousWriteError, ConflictError, OverwriteError, describeItem } from "../../base/errors.js";
import type { Connection } from "../../dynamodb/connection.js";
import type { Footprint } from "../../model/footprint.js";
import { currentSession, insideSetter, runInSession } from "../../model/session.js";
import type { Session } from "../../model/session.js";
import type { AtomicBackend, AttemptTerms } from "../backend.js";
import type { CommitReport } from "../commit-report.js";
import { maxDatetimes } from "../operation.js";
import type { Operation } from "../operation.js";
import { retryOn } from "../retry.js";
import { turnsOf } from "../turns.js";
import type { EndTurn } from "../turns.js";
import { ItemSession } from "./item-session.js";
import { Part } from "./part.js";
import { settle } from "./settle.js";

/** Where a run belongs: its connection, and what is told of it there. */
export interface RunHome {
  readonly connection: Connection;
  readonly report: CommitReport;
}

export interface HeldRunOptions {
  readonly backend: AtomicBackend;
  /** The table of the transaction's rows, for events. */
  readonly table: string;
  readonly maxRetries: number;
  readonly signal: AbortSignal | undefined;
  /** Asked when it is needed, which may be after the first item was touched. Throws `NoConnectionError`. */
  readonly home: () => RunHome;
  readonly onTouch?: (connection: Connection) => void;
}

/** One attempt of a run, as those that work inside it know it. */
export interface Attempt {
  readonly run: HeldRun;
  readonly session: ItemSession;
  /** Counts from 1. */
  readonly attempt: number;
}

/** The items that commits of this process wait for before they read; of more than these they take their chance. */
const maxTurns = 100;

const attempts = new WeakMap<Session, Attempt>();

/** The attempt that the caller runs in, however deep. */
export function runningAttempt(): Attempt | undefined {
  const session = currentSession();
  return session && attempts.get(session);
}

/** One transaction that holds its writes back: all its attempts, from the first to the commit. */
export class HeldRun implements AttemptTerms {
  readonly #options: HeldRunOptions;
  /** The commits that have become parts of it, in the order in which they were begun first. */
  readonly #parts = new Map<object, Part>();
  /** Items at which it has met others. */
  readonly #contended = new Set<string>();
  readonly #turns: EndTurn[] = [];
  #session: ItemSession | undefined;
  #footprint: Footprint | undefined;
  #priority: string | undefined;

  constructor(options: HeldRunOptions) {
    this.#options = options;
  }

  get home(): RunHome {
    return this.#options.home();
  }

  get connection(): Connection {
    return this.home.connection;
  }

  get signal(): AbortSignal | undefined {
    return this.#options.signal;
  }

  /** Made when it is asked for: not every commit needs one. */
  get priority(): string {
    const { clock, random } = this.connection;
    this.#priority ??= `${String(clock.now()).padStart(15, "0")}-${random.writeId()}`;
    return this.#priority;
  }

  /** The commit of a transaction that has become a part of this one. */
  part(operation: Operation): Part {
    const known = this.#parts.get(operation.transaction);
    if (known !== undefined) return known;
    const made = new Part(operation, operation.report(this.#options.backend, operation.whole?.report ?? this.#known()));
    this.#parts.set(operation.transaction, made);
    return made;
  }

  /** Waits until the other commits of this process that have come before are through with those items, and with those met before. */
  async takeTurns(items: Iterable<string>): Promise<void> {
    const names = [...new Set([...items, ...this.#contended])];
    if (names.length === 0 || names.length > maxTurns || insideSetter()) return;
    const turns = turnsOf(this.home.connection);
    // In one order everywhere: nobody waits for somebody who waits for it.
    for (const name of names.toSorted()) {
      const turn = turns.take(name, this.signal);
      this.#turns.push(turn instanceof Promise ? await turn : turn);
    }
  }

  /**
   * Runs `work` and commits what it leaves, again after each conflict; resolves with what it returned last. Throws what
   * it throws, `MaxRetriesExceededError`, and what the backend throws.
   */
  async commit<T>(work: (attempt: Attempt) => Promise<T>): Promise<T> {
    const { table, maxRetries, signal } = this.#options;
    const results: T[] = [];
    const options = {
      table,
      signal,
      // Asked late: the first attempt may find out about them.
      connection: (): Connection => this.home.connection,
      report: (): CommitReport => this.home.report,
      onRetry: () => this.#options.home().report.retrying(),
    };
    const once = async (attempt: number): Promise<void> =>
      void results.splice(0, 1, await this.#attempt(work, attempt));
    try {
      await retryOn(
        ConflictError,
        (attempt) =>
          retryOn(OverwriteError, () => once(attempt), {
            maxRetries: maxDatetimes,
            mayPass: (error) => this.#isGenerated(error),
            ...options,
          }),
        { maxRetries, mayPass: (error) => !this.#isHopeless(error), ...options },
      );
    } catch (error) {
      for (const part of this.#parts.values()) await part.failed(error);
      throw error;
    }
    for (const part of this.#parts.values()) await part.committed();
    // True: an attempt has succeeded.
    return results[0] as T;
  }

  async #attempt<T>(work: (attempt: Attempt) => Promise<T>, attempt: number): Promise<T> {
    const { signal, backend, onTouch } = this.#options;
    const session = new ItemSession({ signal, onTouch });
    const around: Attempt = { run: this, session, attempt };
    attempts.set(session, around);
    this.#session = session;
    this.#footprint = undefined;
    try {
      const [result, held] = await runInSession(session, async () => {
        const returned = await work(around);
        return [returned, await settle(session)] as const;
      });
      session.end();
      this.#footprint = held.footprint;
      signal?.throwIfAborted();
      if (held.footprint.writes.length + held.footprint.reads.length > 0)
        await backend.commitFootprint(held.footprint, this);
      held.committed();
      return result;
    } catch (error) {
      this.#undo(session, error);
      throw error;
    } finally {
      session.end();
      for (const end of this.#turns.splice(0)) end();
    }
  }

  #undo(session: ItemSession, error: unknown): void {
    if (error instanceof AmbiguousWriteError) return;
    session.abandon();
    for (const part of this.#parts.values()) part.undone(error);
    if (!(error instanceof ConflictError)) return;
    const { table, key } = error;
    if (table !== undefined && key !== undefined) this.#contended.add(describeItem(table, key));
  }

  /** The report of this run, if it is known already where it belongs. */
  #known(): CommitReport | undefined {
    try {
      return this.home.report;
    } catch {
      return undefined; // no item was touched yet, and there is no default connection
    }
  }

  /** Whether another has taken the key that the library made up for a new item: the next one may be free. */
  #isGenerated(error: unknown): boolean {
    return (this.#footprint?.writes ?? []).some(
      ({ generatedKey, binding, keyValues }) => generatedKey && isAbout(error, binding.table, keyValues),
    );
  }

  /** Whether an instance that was read before the transaction is no longer what is stored: another attempt would not read it again. */
  #isHopeless(error: unknown): boolean {
    return [...(this.#session?.items ?? [])].some(
      ({ foreign, binding, key }) => foreign && isAbout(error, binding.table, key.values),
    );
  }
}

function isAbout(error: unknown, table: string, key: Readonly<Record<string, unknown>>): boolean {
  if (!(error instanceof ConflictError) || error.table !== table || error.key === undefined) return false;
  return describeItem(table, error.key) === describeItem(table, key);
}

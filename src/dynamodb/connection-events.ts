import type { KeyValues } from "../base/errors.js";

/**
 * What a connection reports while it works; see `Connection.on`. An event is made only when somebody listens to it, and
 * listeners are called at once, before the operation goes on: in the caller's asynchronous context. Tables are named in
 * full, with the connection's prefix; durations and times are milliseconds of the connection's clock. Errors and keys are
 * the operation's own objects: listeners must not change them.
 *
 * A commit tells `begin`, then an `attempt` for each time it gets and sets a target, a `retry` for each that is to be
 * repeated, and at its end exactly one of `commit` and `failed`. Where writes are held back (`atomic()`), a retry is one
 * of the whole, and its sub-transactions tell their end when the whole has ended. `transact` tells of itself under the
 * name `transact`, with an empty table and one attempt each time its function runs; without a `connection` of its own, on
 * that of the first item it touches: `begin` is told then, and `runWithin` comes too late.
 */
export interface ConnectionEvents {
  /** A commit begins: nothing of it has run yet. Told before `commit()` returns its promise, sub-transactions included. */
  readonly begin: CommitEvent & {
    /** Milliseconds since the epoch. */
    readonly startedAt: number;
    /**
     * Makes the commit run inside `scope`, which must call the function it is given, and at once; for what lives in an
     * asynchronous context, such as a span or a logger's fields. May be called until the listener returns; the scope of
     * a later listener lies inside. Whatever a scope does, the commit runs once.
     */
    runWithin(scope: CommitScope): void;
  };
  /** One attempt at one of a commit's own targets: its getter is about to be called. */
  readonly attempt: CommitEvent & {
    /** The target's table and key, where the getter tells them before it reads (`Account.at(id)`). */
    readonly table: string | undefined;
    readonly key: KeyValues | undefined;
    /** Counts the attempts at this target, from 1. */
    readonly attempt: number;
  };
  /** A commit starts over for one of its targets after a conflict, or an audit row after its key was taken. */
  readonly retry: CommitEvent & {
    /** The table of the transaction's rows. */
    readonly table: string;
    /** How many attempts have failed, from 1. */
    readonly attempt: number;
    readonly error: unknown;
  };
  /** A save or delete found the item changed, taken or held. */
  readonly conflict: { readonly table: string; readonly key: KeyValues };
  /** One conditional write has carried the changes of `size` commits to one item. A commit that was alone counts as one. */
  readonly combined: {
    readonly table: string;
    readonly key: KeyValues;
    readonly size: number;
    /** From the first setter to the write's answer; a read before is not counted. */
    readonly durationMs: number;
  };
  /** A transaction has ended with status `done`. */
  readonly commit: CommitEvent & CommitCounts & { readonly backend: string };
  /**
   * A commit has failed with `error`, which its caller is given. `status` says how far it came: `pending`, nothing was
   * changed; `running`, a target was, or may have been; `done`, all were, and only the row could not be saved.
   */
  readonly failed: CommitEvent &
    CommitCounts & {
      readonly backend: string;
      readonly error: unknown;
      readonly status: "pending" | "running" | "done";
    };
  /** An operation failed with `failure`, and its row could not be saved either: nothing in the database tells of it. */
  readonly rowLost: CommitEvent & {
    /** The table of the row. */
    readonly table: string;
    readonly error: unknown;
    readonly failure: unknown;
  };
  /** What a crashed transaction left behind was found and settled. Never told by `sequential()`, which leaves nothing in flight. */
  readonly recovered: {
    readonly table: string;
    readonly key: KeyValues;
    /** Whether the crashed transaction's write was carried out or taken back. */
    readonly outcome: "applied" | "undone";
  };
  /** Something is about to wait. A retry that follows at once is no wait. */
  readonly wait: {
    readonly reason: WaitReason;
    readonly table: string;
    /** How long, in milliseconds. */
    readonly ms: number;
  };
  /** DynamoDB provably did not execute a write (throttled, not connected, a transaction in another's way), and it is to be sent again. Reads repeat inside the SDK and are not told. */
  readonly resend: {
    /** DynamoDB's name of it: `PutItem`, `UpdateItem`, `DeleteItem`. */
    readonly operation: string;
    readonly table: string;
    /** How often it was sent so far, from 1. */
    readonly sends: number;
    /** The SDK's error. */
    readonly error: unknown;
  };
  /**
   * The answer to a write was lost, and the search for what became of it has ended. `applied`: it was carried out once;
   * `refused`: it was not and never will be; `ambiguous`: nobody can tell, and the caller is given an `AmbiguousWriteError`.
   */
  readonly inquiry: {
    readonly table: string;
    readonly key: KeyValues;
    readonly outcome: "applied" | "refused" | "ambiguous";
    /** Why the answer, or the search, was lost: the error that was met last. */
    readonly error: unknown;
    /** How long the search took, in milliseconds. */
    readonly durationMs: number;
  };
}

/** What every event of a commit says. */
export interface CommitEvent {
  /** The name of the transaction's class. */
  readonly transaction: string;
  readonly id: CommitId;
}

/**
 * Which commit an event is about: the very same object in all events of one commit, so that it can be a key of a
 * `WeakMap`. What is known only later (`hashKey` when `setup` sets it, `datetime`) is there in later events.
 */
export interface CommitId {
  /** Eight base64url characters that no other commit has, in any process. For logs; nothing of it is stored. */
  readonly text: string;
  readonly backend: string;
  /** The table of the transaction's rows. */
  readonly table: string;
  /** The hash key of the row. */
  readonly hashKey: unknown;
  /** The range key of the row, once it was given one; a transient transaction never is. */
  readonly datetime: string | undefined;
  /** The commit whose sub-transaction this one is. */
  readonly parent: CommitId | undefined;
}

/** What one commit took. */
export interface CommitCounts {
  /** Attempts over all its own targets, the first ones included. */
  readonly attempts: number;
  /** Retries over all its own targets. */
  readonly retries: number;
  /** From `begin` to the end, the row included, in milliseconds. */
  readonly durationMs: number;
}

/** Calls `run` once, at once, and returns what it returns. */
export type CommitScope = (run: () => Promise<void>) => unknown;

/**
 * Why something waits: `conflict`, between attempts at an item that others change or hold; `doubt`, before a write whose
 * answer was lost is looked for again; `resend`, before a write that was not executed is sent again; `unprocessed`,
 * before what DynamoDB left over of a batch is asked for again.
 */
export type WaitReason = "conflict" | "doubt" | "resend" | "unprocessed";

import { DynatxError } from "./errors.js";
import type { ErrorDetails } from "./errors.js";

/**
 * The failures of transactions with locks (`dynatx/zktx`) and of the stores they work on: a part of the one hierarchy of
 * `errors.ts`. A message is optional, so that an operation can throw one of these itself.
 */

/** Details of an error about one transaction. */
export interface TXErrorDetails extends ErrorDetails {
  readonly txid?: number | undefined;
  /** The record's key that it is about. */
  readonly key?: string | undefined;
}

/** The common ground of the failures of transactions with locks. */
export abstract class TXError extends DynatxError {
  readonly txid: number | undefined;
  readonly key: string | undefined;

  constructor(message: string, details: TXErrorDetails = {}) {
    super(message, details);
    this.txid = details.txid;
    this.key = details.key;
  }
}

/** The common ground of failures that end a transaction before it commits. */
export abstract class Aborted extends TXError {}

/**
 * Thrown by `set` and `unlock` for a record whose lock this transaction does not hold: it was never locked, was unlocked,
 * or somebody else took the lock of a transaction believed dead. Nothing was changed.
 */
export class NotLocked extends Aborted {
  readonly code: string = "NOT_LOCKED";

  constructor(message = "the record is not locked by this transaction", details?: TXErrorDetails) {
    super(message, details);
  }
}

/** Thrown by `unlock` for a record that `set` has changed: what is to be committed stays locked. Nothing was changed. */
export class UnlockNotAllowed extends Aborted {
  readonly code: string = "UNLOCK_NOT_ALLOWED";

  constructor(message = "the record has been set, and stays locked until the end", details?: TXErrorDetails) {
    super(message, details);
  }
}

/** Thrown by `abort()`, to leave the operation. `runTx` and `run` take it as an end, and do not throw it. */
export class UserAborted extends Aborted {
  readonly code: string = "USER_ABORTED";

  constructor(message = "aborted by the operation", details?: TXErrorDetails) {
    super(message, details);
  }
}

/** Thrown when a transaction's time, or the time for a lock, is over. Nothing was committed; saved state stays. */
export class TXTimeout extends Aborted {
  readonly code: string = "TX_TIMEOUT";
  override readonly retryable: boolean = true;

  constructor(message = "the transaction's time is over", details?: TXErrorDetails) {
    super(message, details);
  }
}

/**
 * Thrown when a transaction that holds locks meets the lock of a senior one: waiting might never end. Its own locks and
 * its state are gone by then. `runTx` runs the operation again as a new transaction.
 */
export class Deadlock extends Aborted {
  readonly code: string = "DEADLOCK";
  override readonly retryable: boolean = true;

  constructor(message = "gave way to a senior transaction", details?: TXErrorDetails) {
    super(message, details);
  }
}

/**
 * Marks the failures after which `runTx` runs the operation again as a new transaction: `Deadlock` is one
 * (`error instanceof RetriableError`), and an operation may throw one of its own.
 */
export class RetriableError extends TXError {
  readonly code: string = "RETRIABLE";
  override readonly retryable: boolean = true;

  constructor(message = "to be run again", details?: TXErrorDetails) {
    super(message, details);
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    // Of a class derived from this one, only its own instances are such.
    if (this !== RetriableError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return value instanceof Deadlock || Function.prototype[Symbol.hasInstance].call(this, value);
  }
}

/**
 * Thrown when the connection to the store was lost, or may have been: somebody else may take the transaction for dead, so
 * it stops at once. Also for requests to a store that does not answer.
 */
export class ConnectionLoss extends TXError {
  readonly code: string = "CONNECTION_LOSS";
  override readonly retryable: boolean = true;

  constructor(message = "the connection to the store was lost", details?: TXErrorDetails) {
    super(message, details);
  }
}

/**
 * Thrown by `commit` when the store refused: a record, a lock or the mark of life is not what this transaction left.
 * Nothing was applied.
 */
export class CommitError extends TXError {
  readonly code: string = "COMMIT";

  constructor(message = "the store refused the commit", details?: TXErrorDetails) {
    super(message, details);
  }
}

/** Details of an error about one entry of a store. */
export interface StorageErrorDetails extends ErrorDetails {
  /** The entry's path in the store. */
  readonly path?: string | undefined;
  /** Which of several operations sent as one it was, from 0. */
  readonly index?: number | undefined;
}

/** Thrown for what a store refuses for other reasons than the ones below: no permission, a value too large, a code unknown here. */
export class StorageError extends DynatxError {
  readonly code: string = "STORAGE";
  readonly path: string | undefined;
  readonly index: number | undefined;

  constructor(message: string, details: StorageErrorDetails = {}) {
    super(message, details);
    this.path = details.path;
    this.index = details.index;
  }
}

/** Thrown when an entry that is read, set or deleted is not there. */
export class NoNodeError extends StorageError {
  override readonly code: string = "NO_NODE";
}

/** Thrown when an entry that is to be created is there already. */
export class NodeExistsError extends StorageError {
  override readonly code: string = "NODE_EXISTS";
}

/** Thrown when an entry has another version than the caller named: somebody changed it. Nothing was written. */
export class BadVersionError extends StorageError {
  override readonly code: string = "BAD_VERSION";
}

/** Whether an entry that was to be written is gone, or was written by somebody else. */
export function isLost(error: unknown): error is StorageError {
  return error instanceof BadVersionError || error instanceof NoNodeError;
}

/** Whether an entry is not as it was seen: created, changed or deleted by somebody else since. */
export function isConflict(error: unknown): error is StorageError {
  return isLost(error) || error instanceof NodeExistsError;
}

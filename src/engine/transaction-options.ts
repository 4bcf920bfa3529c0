import { ValidationError } from "../base/errors.js";

export interface StorageTransactionOptions {
  /** How long the transaction may take from its beginning, over all processes that go on with it, in milliseconds. Default: 10,000. */
  readonly timeout?: number | undefined;
  /** How long one `lockGet` may wait, in milliseconds. Default: as long as the transaction may take. */
  readonly lockTimeout?: number | undefined;
  /** The transaction to go on with. Default: a new one. */
  readonly txid?: number | undefined;
  /** Told in the mark of life, for whoever looks at the store. */
  readonly zkOwner?: string | undefined;
  /** Where `setState` keeps its data: with `"memory"`, nothing is stored and nobody else can go on. Default: `"stored"`. */
  readonly state?: "stored" | "memory" | undefined;
  /** How many values a record keeps. Default: 2. */
  readonly maxValueHistory?: number | undefined;
  /** Ends every wait. */
  readonly signal?: AbortSignal | undefined;
}

export interface LockGetOptions {
  /** With `false`, resolves with null at once when somebody alive holds the lock. Default: true. */
  readonly blocking?: boolean | undefined;
  /** Whether to see what `set` made of the record in this transaction. Default: true. */
  readonly latest?: boolean | undefined;
  /** How long to wait, in milliseconds. Default: `lockTimeout`. Never longer than what is left of the transaction. */
  readonly timeout?: number | undefined;
}

export interface CommitOptions {
  /** Writes a journal even when nothing changed. Default: false. */
  readonly force?: boolean | undefined;
}

/** Throws `ValidationError` for options that are none. */
export function checkOptions({
  txid,
  timeout = 0,
  lockTimeout = 0,
  maxValueHistory = 1,
}: StorageTransactionOptions): void {
  if (txid !== undefined && (!Number.isSafeInteger(txid) || txid < 0)) {
    throw new ValidationError(`a txid is a whole number from 0 on, not ${txid}`);
  }
  if (Number.isNaN(timeout) || Number.isNaN(lockTimeout)) {
    throw new ValidationError("timeout and lockTimeout are numbers of milliseconds");
  }
  if (!Number.isSafeInteger(maxValueHistory) || maxValueHistory < 1) {
    throw new ValidationError(`maxValueHistory is a whole number from 1 on, not ${maxValueHistory}`);
  }
}

/** Throws `ValidationError` for a key that is none. */
export function checkKey(key: string): void {
  if (typeof key !== "string" || key === "") throw new ValidationError(`a key is text, not ${JSON.stringify(key)}`);
}

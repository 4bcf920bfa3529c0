/**
 * Every failure the library can report, as one hierarchy. Each class has a stable `code`, says by `retryable` whether
 * the same call may succeed later without a change by the caller, and keeps what lies below in `cause`.
 */

/** The key of an item as attribute name → value, for example `{ id: "a" }`. */
export type KeyValues = Readonly<Record<string, unknown>>;

/** One thing that is wrong with a value; zod's issues have this form. */
export interface ValidationIssue {
  readonly code?: string | undefined;
  readonly message: string;
  readonly path: readonly PropertyKey[];
}

export interface ErrorDetails {
  readonly cause?: unknown;
}

/** Details of an error about one item. */
export interface ItemErrorDetails extends ErrorDetails {
  readonly table?: string | undefined;
  readonly key?: KeyValues | undefined;
}

/** Details of an error about one item whose present state is known. */
export interface PresentItemDetails extends ItemErrorDetails {
  readonly item?: object | undefined;
}

function causeOf(details: ErrorDetails): ErrorOptions | undefined {
  return details.cause === undefined ? undefined : { cause: details.cause };
}

/** The common ground of all errors of this library. */
export abstract class DynatxError extends Error {
  /** A stable name for the kind of failure, for logs and metrics. */
  abstract readonly code: string;
  /** Whether the same call may succeed later without a change by the caller. */
  readonly retryable: boolean = false;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, causeOf(details));
    this.name = new.target.name;
  }
}

/** Thrown when a model class is defined (or a reserved key is saved) in a way that cannot be stored. */
export class SchemaError extends DynatxError {
  readonly code: string = "SCHEMA";
}

/** Thrown when a call needs a connection and neither the model nor `connect()` gave one. Nothing was sent. */
export class NoConnectionError extends DynatxError {
  readonly code: string = "NO_CONNECTION";
}

/**
 * Thrown for values that do not fit the schema or that DynamoDB cannot hold. For a write, nothing was written, unless the
 * message says that an update was applied whose result no longer fits the schema.
 */
export class ValidationError extends DynatxError {
  readonly code: string = "VALIDATION";
  /** What is wrong, where; zod's issues when the schema found them. */
  readonly issues: readonly ValidationIssue[];
  readonly table: string | undefined;
  readonly key: KeyValues | undefined;

  constructor(message: string, details: ItemErrorDetails & { readonly issues?: readonly ValidationIssue[] } = {}) {
    super(message, details);
    this.issues = details.issues ?? [{ code: "custom", message, path: [] }];
    this.table = details.table;
    this.key = details.key;
  }
}

abstract class ItemError extends DynatxError {
  readonly table: string | undefined;
  readonly key: KeyValues | undefined;

  constructor(message: string, details: ItemErrorDetails = {}) {
    super(message, details);
    this.table = details.table;
    this.key = details.key;
  }
}

/** Thrown when a stored item matches none of the versions its model's migrations know. */
export class VersionError extends ItemError {
  readonly code: string = "VERSION";
}

/** Thrown when an item that must exist does not: by `get`, `reload` and `update`. */
export class ItemNotFoundError extends ItemError {
  readonly code: string = "ITEM_NOT_FOUND";
}

/** Thrown by a commit whose getter found no target. Getters may throw it themselves. */
export class TargetNotFoundError extends ItemNotFoundError {
  override readonly code: string = "TARGET_NOT_FOUND";
}

/**
 * Thrown when an item is no longer what was read, or is held by a transaction in flight. Nothing was written; read
 * the item again and repeat.
 */
export class ConflictError extends ItemError {
  readonly code: string = "CONFLICT";
  override readonly retryable: boolean = true;
  /** The item as it stands, decoded but not validated; `undefined` when it does not exist or was not looked at. */
  readonly item: object | undefined;

  constructor(message: string, details: PresentItemDetails = {}) {
    super(message, details);
    this.item = details.item;
  }
}

/** Thrown when a new instance was to be created and its key is taken. Nothing was written. */
export class OverwriteError extends ConflictError {
  override readonly code: string = "OVERWRITE";
}

/** Thrown when the condition the caller gave did not hold. Nothing was written. */
export class ConditionFailedError extends ItemError {
  readonly code: string = "CONDITION_FAILED";
  /** The item as it stands, decoded but not validated; `undefined` when it does not exist. */
  readonly item: object | undefined;

  constructor(message: string, details: PresentItemDetails = {}) {
    super(message, details);
    this.item = details.item;
  }
}

/** Thrown when every attempt met a conflict; the last one is the `cause`. */
export class MaxRetriesExceededError extends DynatxError {
  readonly code: string = "MAX_RETRIES_EXCEEDED";
  override readonly retryable: boolean = true;
  /** How often it was attempted. */
  readonly attempts: number;

  constructor(message: string, details: ErrorDetails & { readonly attempts: number }) {
    super(message, details);
    this.attempts = details.attempts;
  }
}

/**
 * Thrown when a write was sent, no answer proves what became of it, and nobody can tell any more. It may or may not
 * have happened: read the item and decide; never repeat it blindly.
 */
export class AmbiguousWriteError extends ItemError {
  readonly code: string = "AMBIGUOUS_WRITE";
}

/**
 * Thrown when the record of a transaction in flight cannot be kept or looked up: the coordinator table is missing, or
 * an item is held by a transaction of a coordinator that this connection does not know. The item stays as it is: what
 * became of such a transaction is never guessed. `connection.ensureCoordinator()` makes the table,
 * `connection.addCoordinator(other)` tells of another endpoint's.
 */
export class CoordinatorError extends DynatxError {
  readonly code: string = "COORDINATOR";
  /** The identity of the coordinator, where it is known. */
  readonly coordinator: string | undefined;
  /** The full name of the table that is missing, or of the item that is held. */
  readonly table: string | undefined;

  constructor(
    message: string,
    details: ErrorDetails & { readonly coordinator?: string | undefined; readonly table?: string | undefined } = {},
  ) {
    super(message, details);
    this.coordinator = details.coordinator;
    this.table = details.table;
  }
}

/**
 * Thrown by a combined commit when its setter (hooks of the model included) did not end in time: others wait for the
 * same item meanwhile. Nothing of that commit was written at this item; whatever the setter still does has no effect on
 * it. `combine: { setterTimeoutMs }` gives more time, `combine: false` has no limit.
 */
export class SetterTimeoutError extends ItemError {
  readonly code: string = "SETTER_TIMEOUT";
  /** The time it had, in milliseconds. */
  readonly timeoutMs: number;

  constructor(message: string, details: ItemErrorDetails & { readonly timeoutMs: number }) {
    super(message, details);
    this.timeoutMs = details.timeoutMs;
  }
}

/** Thrown when DynamoDB (or the way to it) refused a request; the SDK's error is the `cause`. A write was not executed. */
export class RequestError extends DynatxError {
  readonly code: string = "REQUEST_FAILED";
  override readonly retryable: boolean;
  readonly table: string | undefined;
  /** The operation's name in DynamoDB's API, for example `PutItem`. */
  readonly operation: string;

  constructor(
    message: string,
    details: ErrorDetails & {
      readonly operation: string;
      readonly table?: string | undefined;
      readonly retryable: boolean;
    },
  ) {
    super(message, details);
    this.operation = details.operation;
    this.table = details.table;
    this.retryable = details.retryable;
  }
}

/** One write of a batch that did not happen, and why. */
export interface BatchFailure {
  readonly key: KeyValues;
  readonly error: unknown;
}

/** Thrown when some writes of a `batchWrite` failed; the others have happened (in bulk, some of those that failed may have, too). The first failure is the `cause`. */
export class BatchWriteError extends DynatxError {
  readonly code: string = "BATCH_WRITE";
  readonly table: string;
  readonly failures: readonly BatchFailure[];
  /** How many writes have happened. */
  readonly written: number;

  constructor(
    message: string,
    details: ErrorDetails & {
      readonly table: string;
      readonly failures: readonly BatchFailure[];
      readonly written: number;
    },
  ) {
    super(message, details);
    this.table = details.table;
    this.failures = details.failures;
    this.written = details.written;
  }
}

/** A key in the form messages use: `accounts {"id":"a"}`. */
export function describeItem(table: string, key: KeyValues): string {
  // Turns are named so at each commit, and without a replacer it takes a fraction of the time.
  const plain = Object.values(key).every((value) => typeof value === "string" || typeof value === "number");
  return `${table} ${plain ? JSON.stringify(key) : JSON.stringify(key, inText)}`;
}

function inText(_: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return value;
}

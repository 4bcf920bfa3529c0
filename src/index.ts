export { systemClock } from "./base/clock.js";
export type { Clock } from "./base/clock.js";
export type { Random } from "./base/random.js";
export type { Backoff } from "./base/backoff.js";
export {
  AmbiguousWriteError,
  BatchWriteError,
  ConditionFailedError,
  ConflictError,
  CoordinatorError,
  DynatxError,
  ItemNotFoundError,
  MaxRetriesExceededError,
  NoConnectionError,
  OverwriteError,
  RequestError,
  SchemaError,
  SetterTimeoutError,
  TargetNotFoundError,
  ValidationError,
  VersionError,
} from "./base/errors.js";
export type { BatchFailure, KeyValues, ValidationIssue } from "./base/errors.js";
export {
  Aborted,
  BadVersionError,
  CommitError,
  ConnectionLoss,
  Deadlock,
  NoNodeError,
  NodeExistsError,
  NotLocked,
  RetriableError,
  StorageError,
  TXError,
  TXTimeout,
  UnlockNotAllowed,
  UserAborted,
} from "./base/tx-errors.js";
export { Connection, connect } from "./dynamodb/connection.js";
export { recover } from "./intents/recover.js";
export type { RecoverOptions, RecoverReport } from "./intents/recover.js";
export type { AnyDynamoDBClient, ConnectionOptions, CoordinatorOptions } from "./dynamodb/connection.js";
export type {
  CommitCounts,
  CommitEvent,
  CommitId,
  CommitScope,
  ConnectionEvents,
  WaitReason,
} from "./dynamodb/connection-events.js";
export type { CreateTableOptions, DeleteTableOptions } from "./dynamodb/table.js";
export {
  and,
  beginsWith,
  between,
  contains,
  eq,
  exists,
  ge,
  gt,
  isIn,
  le,
  lt,
  ne,
  not,
  notExists,
  or,
} from "./model/condition.js";
export type {
  Combined,
  Condition,
  Contains,
  Differs,
  Equals,
  FieldTests,
  Ordered,
  Prefix,
  Presence,
  RangeTest,
  Test,
} from "./model/condition.js";
export type {
  AnyIndexes,
  Definition,
  IndexDefinition,
  Indexes,
  NeedsNumericHashKeyAlone,
  SameAsHashKey,
  StampName,
  StampNames,
  TakenBySchema,
  Timestamps,
} from "./model/definition-types.js";
export type { Migration } from "./model/migration.js";
export { DynamoDBModel } from "./model/model.js";
export type { ModelClass } from "./model/model.js";
export type {
  AnyModelClass,
  AsOption,
  BatchWriteOptions,
  ClassOf,
  Getter,
  Key,
  KeyArgs,
  ModelFields,
  ModelInstance,
  ModelStatics,
  NoRangeKey,
  PageOptions,
  Params,
  QueryOptions,
  ReadOptions,
  SaveOptions,
  SignalOptions,
  UpdateOptions,
} from "./model/model-types.js";
export type { Page, Query } from "./model/query.js";
export type {
  Fields,
  Input,
  Keyable,
  NotAKey,
  NotAnAttribute,
  NotStorable,
  ReservedName,
  Shape,
  UnstorableKind,
} from "./model/schema-types.js";
export { add, append, ifAbsent, patch, prepend, remove, union, without } from "./model/update.js";
export type {
  Add,
  Append,
  Change,
  Changes,
  IfAbsent,
  NotChangeable,
  Patch,
  Remove,
  SetChange,
} from "./model/update.js";
export type { AtomicBackend, Backend, StepwiseBackend } from "./transaction/backend.js";
export { atomic } from "./transaction/backends/atomic/atomic.js";
export type { AtomicOptions } from "./transaction/backends/atomic/atomic.js";
export { sequential } from "./transaction/backends/sequential.js";
export type { Status } from "./transaction/definition.js";
export { transact } from "./transaction/transact.js";
export type { TransactOptions, TransactionContext } from "./transaction/transact.js";
export { Transaction } from "./transaction/transaction.js";
export type { TransactionClass } from "./transaction/transaction.js";
export { transactor } from "./transaction/transactor.js";
export type { Transactor } from "./transaction/transactor.js";
export type {
  Combine,
  CombineOptions,
  CommitOptions,
  Target,
  TransactionDefinition,
  TransactionFields,
  TransactionIndexes,
  TransactionInstance,
  TransactionReservedName,
} from "./transaction/types.js";

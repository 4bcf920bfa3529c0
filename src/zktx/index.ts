export { RangeSet } from "../base/range-set.js";
export type { Range } from "../base/range-set.js";
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
} from "../base/tx-errors.js";
export { listRecoverable } from "../engine/list-recoverable.js";
export { runTx } from "../engine/run-tx.js";
export { COMMITTED, PAUSED, PURGED, UNKNOWN } from "../engine/status.js";
export type { TXStatus } from "../engine/status.js";
export { StorageTransaction } from "../engine/storage-transaction.js";
export type { StorageSource } from "../engine/storage-source.js";
export type { CommitOptions, LockGetOptions, StorageTransactionOptions } from "../engine/transaction-options.js";
export { TXRecord } from "../engine/tx-record.js";
export { KeyValue, Value } from "../storage/accessor.js";
export type { Versioned } from "../storage/accessor.js";
export type { Json } from "../storage/json.js";
export { MemoryStorage } from "../storage/memory/memory-storage.js";
export type { MemoryStorageOptions } from "../storage/memory/memory-storage.js";
export { StorageHelper } from "../storage/storage-helper.js";
export type { JournalStatus } from "../storage/storage-helper.js";
export { Storage } from "../storage/storage.js";
export type { AcquireAliveOptions, KeyHolder, KeyLoopOptions } from "../storage/storage.js";
export type {
  AliveMark,
  Batch,
  Fate,
  HeldLock,
  Holder,
  Journal,
  JournalIdSet,
  Outcome,
  RecordChange,
  RecordValues,
  Release,
  SetRecord,
  StateEntry,
} from "../storage/types.js";

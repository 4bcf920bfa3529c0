import { describe, expect, it } from "vitest";
import * as errors from "../../src/base/errors.js";
import * as txErrors from "../../src/base/tx-errors.js";

const { DynatxError, describeItem } = errors;

/** Every error class with the least it takes to make one. */
const made = [
  new errors.SchemaError("m"),
  new errors.NoConnectionError("m"),
  new errors.ValidationError("m"),
  new errors.VersionError("m"),
  new errors.ItemNotFoundError("m"),
  new errors.TargetNotFoundError("no account a"),
  new errors.ConflictError("m"),
  new errors.OverwriteError("m"),
  new errors.ConditionFailedError("m"),
  new errors.MaxRetriesExceededError("m", { attempts: 3 }),
  new errors.AmbiguousWriteError("m"),
  new errors.CoordinatorError("m"),
  new errors.SetterTimeoutError("m", { timeoutMs: 5 }),
  new errors.RequestError("m", { operation: "PutItem", retryable: true }),
  new errors.BatchWriteError("m", { table: "t", failures: [], written: 0 }),
  new txErrors.NotLocked(),
  new txErrors.UnlockNotAllowed(),
  new txErrors.UserAborted(),
  new txErrors.TXTimeout(),
  new txErrors.Deadlock(),
  new txErrors.RetriableError(),
  new txErrors.ConnectionLoss(),
  new txErrors.CommitError(),
  new txErrors.StorageError("m"),
  new txErrors.NoNodeError("m"),
  new txErrors.NodeExistsError("m"),
  new txErrors.BadVersionError("m"),
];
/** What others have in common, and is never made itself. */
const abstractClasses: readonly unknown[] = [txErrors.TXError, txErrors.Aborted];

describe("errors", () => {
  it("each has a code of its own, its class as name, and is a DynatxError", () => {
    for (const error of made) {
      expect(error).toBeInstanceOf(DynatxError);
      expect(error.name).toBe(error.constructor.name);
    }
    expect(new Set(made.map(({ code }) => code)).size).toBe(made.length);
  });

  it("none is left out here", () => {
    const classes = [...Object.values(errors), ...Object.values(txErrors)].filter(
      (value) =>
        typeof value === "function" && value.prototype instanceof DynatxError && !abstractClasses.includes(value),
    );
    expect(made.map((error) => error.constructor)).toEqual(expect.arrayContaining(classes));
  });

  it("D10: the hierarchy is as documented", () => {
    expect(new errors.OverwriteError("m")).toBeInstanceOf(errors.ConflictError);
    expect(new errors.TargetNotFoundError("m")).toBeInstanceOf(errors.ItemNotFoundError);
    expect(new errors.ConditionFailedError("m")).not.toBeInstanceOf(errors.ConflictError);
  });

  it("S73: the hierarchy of transactions with locks is as documented", () => {
    const { Aborted, ConnectionLoss, CommitError, Deadlock, RetriableError, TXError } = txErrors;
    const aborted = ["NotLocked", "UnlockNotAllowed", "UserAborted", "TXTimeout", "Deadlock"];
    expect(made.filter((error) => error instanceof Aborted).map(({ name }) => name)).toEqual(aborted);
    const all = [...aborted, "RetriableError", "ConnectionLoss", "CommitError"];
    expect(made.filter((error) => error instanceof TXError).map(({ name }) => name)).toEqual(all);
    const ofStores = ["StorageError", "NoNodeError", "NodeExistsError", "BadVersionError"];
    expect(made.filter((error) => error instanceof txErrors.StorageError).map(({ name }) => name)).toEqual(ofStores);

    const retriable = made.filter((error) => error instanceof RetriableError);
    expect(retriable.map(({ name }) => name)).toEqual(["Deadlock", "RetriableError"]);
    class Busy extends RetriableError {}
    expect(new Busy()).toBeInstanceOf(RetriableError);
    expect(new Busy()).toBeInstanceOf(Busy);
    expect(new Deadlock()).not.toBeInstanceOf(Busy);
    expect(new ConnectionLoss()).not.toBeInstanceOf(CommitError);
  });

  it("name the transaction and the record, or the entry of the store", () => {
    const deadlock = new txErrors.Deadlock("m", { txid: 7, key: "foo" });
    expect([deadlock.txid, deadlock.key]).toEqual([7, "foo"]);
    const badVersion = new txErrors.BadVersionError("m", { path: "/record/foo", index: 2 });
    expect([badVersion.path, badVersion.index]).toEqual(["/record/foo", 2]);
  });

  it("say whether the same call may succeed later", () => {
    const retryable = made.filter((error) => error.retryable).map(({ name }) => name);
    const ofItems = ["ConflictError", "OverwriteError", "MaxRetriesExceededError", "RequestError"];
    expect(retryable).toEqual([...ofItems, "TXTimeout", "Deadlock", "RetriableError", "ConnectionLoss"]);
  });

  it("keep what lies below, and name items readably", () => {
    const cause = new Error("below");
    expect(new errors.AmbiguousWriteError("m", { cause }).cause).toBe(cause);
    expect(describeItem("t", { id: 5n, at: new Date(0), raw: new Uint8Array([1]) })).toBe(
      't {"id":"5","at":"1970-01-01T00:00:00.000Z","raw":"AQ=="}',
    );
  });
});

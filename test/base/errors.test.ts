import { describe, expect, it } from "vitest";
import * as errors from "../../src/base/errors.js";

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
];

describe("errors", () => {
  it("each has a code of its own, its class as name, and is a DynatxError", () => {
    for (const error of made) {
      expect(error).toBeInstanceOf(DynatxError);
      expect(error.name).toBe(error.constructor.name);
    }
    expect(new Set(made.map(({ code }) => code)).size).toBe(made.length);
  });

  it("none is left out here", () => {
    const classes = Object.values(errors).filter(
      (value) => typeof value === "function" && value.prototype instanceof DynatxError,
    );
    expect(made.map((error) => error.constructor)).toEqual(expect.arrayContaining(classes));
  });

  it("D10: the hierarchy is as documented", () => {
    expect(new errors.OverwriteError("m")).toBeInstanceOf(errors.ConflictError);
    expect(new errors.TargetNotFoundError("m")).toBeInstanceOf(errors.ItemNotFoundError);
    expect(new errors.ConditionFailedError("m")).not.toBeInstanceOf(errors.ConflictError);
  });

  it("say whether the same call may succeed later", () => {
    const retryable = made.filter((error) => error.retryable).map(({ name }) => name);
    expect(retryable).toEqual(["ConflictError", "OverwriteError", "MaxRetriesExceededError", "RequestError"]);
  });

  it("keep what lies below, and name items readably", () => {
    const cause = new Error("below");
    expect(new errors.AmbiguousWriteError("m", { cause }).cause).toBe(cause);
    expect(describeItem("t", { id: 5n, at: new Date(0), raw: new Uint8Array([1]) })).toBe(
      't {"id":"5","at":"1970-01-01T00:00:00.000Z","raw":"AQ=="}',
    );
  });
});

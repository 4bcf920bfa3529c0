import { inspect } from "node:util";
import { expect, test } from "vitest";
import { copyOfError } from "../../src/base/error-copy.js";
import { ConflictError } from "../../src/base/errors.js";

test("X7: the copy of an error has its class, message, fields and cause, and is an object of its own", () => {
  const cause = new Error("below");
  const error = new ConflictError("changed", { table: "accounts", key: { id: "a" }, item: { n: 1 } });
  Object.defineProperty(error, "cause", { value: cause });
  const copy = copyOfError(error);
  expect(copy).not.toBe(error);
  expect(copy).toBeInstanceOf(ConflictError);
  expect(copy).toMatchObject({ message: "changed", code: "CONFLICT", retryable: true, table: "accounts", cause });
  expect(inspect(copy)).toContain("ConflictError: changed");
  expect(copyOfError("text")).toBe("text");
});

import {
  AmbiguousWriteError,
  BatchWriteError,
  ConditionFailedError,
  ConflictError,
  DynatxError,
  ItemNotFoundError,
  MaxRetriesExceededError,
  RequestError,
  TargetNotFoundError,
  ValidationError,
  VersionError,
} from "dynatx";
import type { BatchFailure, KeyValues, NoConnectionError, OverwriteError, SchemaError, ValidationIssue } from "dynatx";
import { expectTypeOf } from "expect-type";

export function hierarchy(): void {
  expectTypeOf<DynatxError>().toExtend<Error>();
  expectTypeOf<SchemaError>().toExtend<DynatxError>();
  expectTypeOf<ValidationError>().toExtend<DynatxError>();
  expectTypeOf<VersionError>().toExtend<DynatxError>();
  expectTypeOf<ItemNotFoundError>().toExtend<DynatxError>();
  expectTypeOf<TargetNotFoundError>().toExtend<ItemNotFoundError>();
  expectTypeOf<ConflictError>().toExtend<DynatxError>();
  expectTypeOf<OverwriteError>().toExtend<ConflictError>();
  expectTypeOf<ConditionFailedError>().toExtend<DynatxError>();
  expectTypeOf<MaxRetriesExceededError>().toExtend<DynatxError>();
  expectTypeOf<AmbiguousWriteError>().toExtend<DynatxError>();
  expectTypeOf<RequestError>().toExtend<DynatxError>();
  expectTypeOf<NoConnectionError>().toExtend<DynatxError>();
  expectTypeOf<BatchWriteError>().toExtend<DynatxError>();
}

export function fields(error: unknown): void {
  if (!(error instanceof DynatxError)) return;
  expectTypeOf(error.code).toEqualTypeOf<string>();
  expectTypeOf(error.retryable).toEqualTypeOf<boolean>();
  expectTypeOf(error.cause).toEqualTypeOf<unknown>();
  if (error instanceof ValidationError) expectTypeOf(error.issues).toEqualTypeOf<readonly ValidationIssue[]>();
  if (error instanceof ItemNotFoundError) expectTypeOf(error.key).toEqualTypeOf<KeyValues | undefined>();
  if (error instanceof ConflictError || error instanceof ConditionFailedError) {
    expectTypeOf(error.table).toEqualTypeOf<string | undefined>();
    expectTypeOf(error.key).toEqualTypeOf<KeyValues | undefined>();
    expectTypeOf(error.item).toEqualTypeOf<object | undefined>();
  }
  if (error instanceof AmbiguousWriteError) expectTypeOf(error.key).toEqualTypeOf<KeyValues | undefined>();
  if (error instanceof VersionError) expectTypeOf(error.table).toEqualTypeOf<string | undefined>();
  if (error instanceof MaxRetriesExceededError) expectTypeOf(error.attempts).toEqualTypeOf<number>();
  if (error instanceof RequestError) expectTypeOf(error.operation).toEqualTypeOf<string>();
  if (error instanceof BatchWriteError) expectTypeOf(error.failures).toEqualTypeOf<readonly BatchFailure[]>();
}

/** What getters throw themselves. */
export function own(): void {
  new TargetNotFoundError("no account a");
  new TargetNotFoundError("no account a", { table: "accounts", key: { id: "a" }, cause: new Error("x") });
  class InsufficientFunds extends DynatxError {
    readonly code = "INSUFFICIENT_FUNDS";
  }
  expectTypeOf(new InsufficientFunds("a")).toExtend<DynatxError>();
  // @ts-expect-error -- a message is needed
  new TargetNotFoundError();
  // @ts-expect-error -- abstract
  new DynatxError("x");
}

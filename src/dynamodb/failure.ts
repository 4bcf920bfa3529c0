import type { AttributeMap } from "./attribute.js";
import type { Attempt } from "./single-attempt.js";

/**
 * What a failed request proves. Only facts that show that DynamoDB executed nothing make a write safe to send again;
 * everything else that went unanswered is in doubt.
 */
export type FailureKind =
  /** DynamoDB refused it, or it never left: not executed, and sending it again would not help. */
  | "final"
  /** Not executed, and sending it again later may help. */
  | "again"
  /** Sent, and nothing proves what became of it. */
  | "doubt";

interface SdkFailure {
  readonly name?: string;
  readonly code?: string;
  readonly syscall?: string;
  readonly errors?: readonly unknown[];
  readonly Item?: AttributeMap;
  readonly $fault?: "client" | "server";
  readonly $response?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly clockSkewCorrected?: boolean };
}

const throttles = new Set([
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "ThrottlingException",
  "Throttling",
  "LimitExceededException",
  "TransactionConflictException",
  "ReplicatedWriteConflictException",
]);
/** Refused for the time it was signed with. */
const skewed = new Set([
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "RequestExpired",
  "RequestTimeTooSkewed",
  "RequestInTheFuture",
]);
const undecidedStatuses = new Set([408, 499]);
/** What becomes of a connection that was made; these come without the name of a system call, too. */
const resets = new Set(["ECONNRESET", "ECONNABORTED", "EPIPE", "ETIMEDOUT"]);
const connectCalls = new Set(["connect", "getaddrinfo"]);

function asFailure(error: unknown): SdkFailure {
  // Every field is optional and read with care, so any object (or none) may be looked at as one.
  return typeof error === "object" && error !== null ? error : {};
}

/**
 * The SDK's answer to a condition that did not hold, with the item where the endpoint told it. By name and not by
 * class, because the caller's client may come from another copy of the SDK.
 */
export function asRefusal(error: unknown): { readonly Item: AttributeMap | undefined } | undefined {
  const failure = asFailure(error);
  return failure.name === "ConditionalCheckFailedException" ? { Item: failure.Item } : undefined;
}

/** Whether the failure happened while connecting: no byte of the request left. */
function neverConnected(error: unknown): boolean {
  const failure = asFailure(error);
  if (failure.errors !== undefined && failure.errors.length > 0) return failure.errors.every(neverConnected);
  return failure.syscall !== undefined && connectCalls.has(failure.syscall);
}

/** Whether DynamoDB itself refused the request. A proxy answers 408 or 499 for a request that it may have passed on. */
function wasRefused({ $fault, $metadata }: SdkFailure): boolean {
  const status = $metadata?.httpStatusCode ?? 0;
  return $fault === "client" && status >= 400 && status < 500 && !undecidedStatuses.has(status);
}

/** What the failure of a write proves. */
export function classify(error: unknown, { begun, sends }: Attempt): FailureKind {
  const failure = asFailure(error);
  if (sends > 1) return "doubt"; // what the last one met says nothing about those before it
  const { name = "", $fault, $metadata } = failure;
  if (throttles.has(name)) return "again";
  if (neverConnected(error)) return "again";
  // The SDK corrects its clock by the date of any answer: that alone does not say that the request was refused.
  if (wasRefused(failure)) return $metadata?.clockSkewCorrected && skewed.has(name) ? "again" : "final";
  if (sends > 0) return "doubt";
  if (begun) return "final"; // it failed before it was sent, whatever else failed on the way (a request for credentials)
  const unanswered = failure.$response !== undefined || $fault === "server";
  return unanswered ? "doubt" : "final";
}

/** Whether a read that failed like this may succeed later: not when it never left for want of credentials or the like. */
export function isTransient(error: unknown): boolean {
  const { name, code, syscall } = asFailure(error);
  const network = syscall !== undefined || (code !== undefined && resets.has(code)) || name === "TimeoutError";
  return network || classify(error, { begun: false, sends: 0 }) !== "final";
}

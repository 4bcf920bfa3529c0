import type { AttributeMap } from "./attribute.js";

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
]);
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

/** `sent`: whether the request was handed to the HTTP layer. */
export function classify(error: unknown, sent: boolean): FailureKind {
  const failure = asFailure(error);
  if (failure.name !== undefined && throttles.has(failure.name)) return "again";
  if (neverConnected(error)) return "again";
  if (failure.$metadata?.clockSkewCorrected) return "again";
  const status = failure.$metadata?.httpStatusCode ?? 0;
  if (failure.$fault === "client" && (status === 0 || (status >= 400 && status < 500))) return "final";
  if (sent || failure.$response !== undefined || failure.$fault === "server" || status >= 500) return "doubt";
  return "final";
}

/** Whether a read that failed like this may succeed later. */
export function isTransient(error: unknown): boolean {
  return classify(error, true) !== "final";
}

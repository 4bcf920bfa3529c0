import type { CancellationReason, TransactWriteItem, TransactWriteItemsCommandInput } from "@aws-sdk/client-dynamodb";
import { classify } from "./failure.js";
import { failed } from "./requests.js";
import type { Requests } from "./requests.js";

export type { CancellationReason, TransactWriteItem };

/** What became of one send of a TransactWriteItems. */
export type TransactResult =
  | { readonly outcome: "applied" }
  /** Not executed, for these reasons: one for each action, in order. */
  | { readonly outcome: "cancelled"; readonly reasons: readonly CancellationReason[]; readonly cause: unknown }
  /** Not executed, and sending it again later may help. */
  | { readonly outcome: "again"; readonly cause: unknown }
  /** The endpoint has no such operation. */
  | { readonly outcome: "lacking"; readonly cause: unknown }
  /** Sent, and nothing proves what became of it; or another send of the same is being executed. */
  | { readonly outcome: "doubt"; readonly cause: unknown };

const operation = "TransactWriteItems";

/**
 * Sends a TransactWriteItems by one HTTP request. Throws `RequestError`, or `ValidationError` for what DynamoDB does not
 * take; then nothing was executed.
 */
export async function transactWrite(
  requests: Requests,
  input: TransactWriteItemsCommandInput,
): Promise<TransactResult> {
  const { attempt, send } = requests.transact(input);
  try {
    await send();
    return { outcome: "applied" };
  } catch (cause) {
    const { name, reasons } = asCancellation(cause);
    // Of several sends, the last one's answer says nothing about those before it.
    if (attempt.sends > 1 || name === "TransactionInProgressException") return { outcome: "doubt", cause };
    if (reasons !== undefined) return { outcome: "cancelled", reasons, cause };
    if (name === "UnknownOperationException") return { outcome: "lacking", cause };
    const kind = classify(cause, attempt);
    if (kind === "final") throw failed(operation, undefined, cause, false);
    return { outcome: kind, cause };
  }
}

/** By name and not by class, because the caller's client may come from another copy of the SDK. */
function asCancellation(error: unknown): {
  readonly name: string | undefined;
  readonly reasons: readonly CancellationReason[] | undefined;
} {
  if (!(error instanceof Error)) return { name: undefined, reasons: undefined };
  // True of the SDK's error of this name; of any other, the field is not looked at.
  const { CancellationReasons } = error as { CancellationReasons?: readonly CancellationReason[] };
  return {
    name: error.name,
    reasons: error.name === "TransactionCanceledException" ? (CancellationReasons ?? []) : undefined,
  };
}

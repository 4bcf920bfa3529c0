/** Why DynamoDB has cancelled a TransactWriteItems that was answered each time it was sent. */
import { ConflictError, RequestError, ValidationError, describeItem } from "../../../base/errors.js";
import type { DynatxError } from "../../../base/errors.js";
import { attributeOf } from "../../../dynamodb/attribute.js";
import type { AttributeMap } from "../../../dynamodb/attribute.js";
import type { CancellationReason } from "../../../dynamodb/transact-write.js";
import { refusal } from "../../../model/settle.js";
import { guardHolds } from "../../../model/write.js";
import type { Action } from "./action.js";

export type Cancelled =
  /** DynamoDB had no capacity for it. */
  | { readonly kind: "throttled" }
  /** Items that others hold, as they stand: `error` once these are out of the way. */
  | { readonly kind: "held"; readonly held: readonly Refused[]; readonly error: DynatxError }
  /** Another request was at the same item at the same moment. */
  | { readonly kind: "busy"; readonly error: DynatxError }
  | { readonly kind: "failed"; readonly error: DynatxError };

/** An action whose condition did not hold, and the item as it stands. */
export interface Refused {
  readonly action: Action;
  readonly stored: AttributeMap | undefined;
}

const throttles = new Set(["ThrottlingError", "ProvisionedThroughputExceeded"]);
const conflicts = new Set(["None", "ConditionalCheckFailed", "TransactionConflict"]);

/** What a cancellation means for the transaction. */
export function classifyCancellation(
  actions: readonly Action[],
  reasons: readonly CancellationReason[],
  cause: unknown,
): Cancelled {
  const foreign = reasons.findIndex(({ Code = "None" }) => !conflicts.has(Code) && !throttles.has(Code));
  const refused = refusedBy(actions, reasons);
  if (foreign >= 0) return { kind: "failed", error: notTaken(actions[foreign], reasons[foreign], cause) };
  if (refused.length > 0) {
    const held = refused.filter(isHeld);
    const error = refusalOf(refused);
    return held.length > 0 ? { kind: "held", held, error } : { kind: "failed", error };
  }
  if (reasons.some(({ Code = "None" }) => throttles.has(Code))) return { kind: "throttled" };
  const busy = reasons.findIndex(({ Code }) => Code === "TransactionConflict");
  return { kind: "busy", error: contended(actions[Math.max(0, busy)], cause) };
}

/** The actions whose conditions did not hold. */
export function refusedBy(actions: readonly Action[], reasons: readonly CancellationReason[]): Refused[] {
  return actions.flatMap((action, index) => {
    const reason = reasons[index];
    return reason?.Code === "ConditionalCheckFailed" ? [{ action, stored: reason.Item }] : [];
  });
}

/** The error of conditions that did not hold: of the caller's own only if none of the transaction's failed. */
export function refusalOf(refused: readonly Refused[]): DynatxError {
  const own = ({ action, stored }: Refused): boolean =>
    action.write.condition !== undefined && guardHolds(action.write, action.guard, stored);
  const first = refused.find((each) => !own(each)) ?? refused[0];
  if (first === undefined) throw new Error("no condition failed"); // it is asked only where one did
  return refusal(first.action.write, first.action.guard, first.stored);
}

function isHeld({ action: { write }, stored }: Refused): boolean {
  return stored !== undefined && attributeOf(stored, write.binding.connection.reserved.intent) !== undefined;
}

/** Another transaction was at the same item at the same moment; nobody knows what has become of it. */
function contended(action: Action | undefined, cause: unknown): ConflictError {
  if (action === undefined) return new ConflictError("another transaction is at the same items", { cause });
  const { binding, keyValues: key } = action.write;
  const { table, connection } = binding;
  connection.emit("conflict", () => ({ table, key }));
  return new ConflictError(`another transaction is at ${describeItem(table, key)}`, { table, key, cause });
}

/** What DynamoDB does not take, and what would not be otherwise at another attempt. */
function notTaken(action: Action | undefined, reason: CancellationReason | undefined, cause: unknown): DynatxError {
  const { Code = "unknown", Message = "" } = reason ?? {};
  const table = action?.write.binding.table;
  const key = action?.write.keyValues;
  const name = table === undefined || key === undefined ? "" : `${describeItem(table, key)}: `;
  const message = `TransactWriteItems failed: ${name}${Code}: ${Message}`;
  if (Code === "ValidationError") return new ValidationError(message, { table, key, cause });
  return new RequestError(message, { operation: "TransactWriteItems", table, retryable: false, cause });
}

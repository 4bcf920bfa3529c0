/** What items show about a transaction that was sent in one request and not answered. */
import { attributeOf, sameAttribute } from "../../../dynamodb/attribute.js";
import type { AttributeMap } from "../../../dynamodb/attribute.js";
import { writeIds } from "../../../model/verdict.js";
import type { Action } from "./action.js";

export type TransactionVerdict =
  /** An item carries the write id of its write, so all of them were applied. */
  | "committed"
  /** It was not applied, and what it depends on has moved: it never will be. */
  | "passed"
  /** It was not applied so far; sent again with the same ids, only one of the two can pass. */
  | "pending"
  /** Nobody can tell. */
  | "unknown";

/** Judges by the items as they stand, each beside its action. */
export function judgeTransaction(
  items: readonly { readonly action: Action; readonly stored: AttributeMap | undefined }[],
): TransactionVerdict {
  const written = items.filter(({ action }) => action.writes);
  if (written.some(({ action, stored }) => idsOf(action, stored).includes(action.write.writeId))) return "committed";
  if (!written.some(({ action, stored }) => showsNothing(action, stored))) return "unknown";
  return items.some(({ action, stored }) => hasMoved(action, stored)) ? "passed" : "pending";
}

function idsOf({ write }: Action, stored: AttributeMap | undefined): readonly string[] {
  return writeIds(write.binding, stored);
}

/** Whether an item proves that nothing was applied to it: everything since it was read is listed, and the write is not. */
function showsNothing(action: Action, stored: AttributeMap | undefined): boolean {
  const { before, binding, generatedKey } = action.write;
  // Nobody else knows the key: what is there is another's guess, and what is not there was not deleted.
  if (before === undefined) return generatedKey;
  if (stored === undefined) return false; // deleted: by this transaction, or by another after it
  const [newest] = writeIds(binding, before);
  return newest === undefined ? isVersion(action, stored) : idsOf(action, stored).includes(newest);
}

/** Whether the write ids that the transaction asks for are gone for good: they never take the same value twice. */
function hasMoved(action: Action, stored: AttributeMap | undefined): boolean {
  const { before, binding } = action.write;
  if (before === undefined) return false; // what is there now may be deleted again
  if (stored !== undefined) return !isVersion(action, stored);
  return attributeOf(before, binding.connection.reserved.writeId) !== undefined;
}

function isVersion({ write }: Action, stored: AttributeMap): boolean {
  const { writeId } = write.binding.connection.reserved;
  return sameAttribute(write.before && attributeOf(write.before, writeId), attributeOf(stored, writeId));
}

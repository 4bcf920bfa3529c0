/** From a write, or a read that must hold, to the request that announces it in the item. */
import type { AttributeMap, AttributeValue } from "../dynamodb/attribute.js";
import { Expression } from "../dynamodb/expression.js";
import type { WriteRequest } from "../dynamodb/requests.js";
import type { ReadItem } from "./footprint.js";
import { conditions, guardHolds } from "./write.js";
import type { Guard, Write } from "./write.js";

/** A read as the write that changes nothing: with it goes the condition that the item is as it was read. */
export function asWrite({ binding, key, keyValues, image }: ReadItem): Write {
  return {
    binding,
    key,
    keyValues,
    before: image,
    after: image ?? key,
    writeId: "",
    condition: undefined,
    generatedKey: false,
  };
}

/** Whether an item is as it was read. */
export function isAsRead(read: ReadItem, stored: AttributeMap | undefined): boolean {
  return guardHolds(asWrite(read), read.binding.spec.concurrency, stored);
}

/** Puts an intent into an item, under the condition of the write itself; an absent item becomes a placeholder. */
export function intentRequest(write: Write, guard: Guard, intent: AttributeValue): WriteRequest {
  const { binding, key, before } = write;
  const { connection, table, spec } = binding;
  const { hooks, reserved } = connection;
  const expression = new Expression();
  const shared = { TableName: table, ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const };
  // A delete of an absent item is told from a create by nothing here: both must find none.
  const announced = before === undefined ? { ...write, after: write.after ?? key } : write;
  const ConditionExpression = hooks.without?.has("intent minds what was read")
    ? unread(before !== undefined, spec.hash.stored, reserved.intent, expression)
    : conditions(announced, guard, expression, "intent minds intents");
  if (before === undefined) {
    const Item = { ...key, [reserved.intent]: intent };
    return { operation: "PutItem", input: { ...shared, Item, ConditionExpression, ...expression.attributes } };
  }
  const UpdateExpression = `SET ${expression.name(reserved.intent)} = ${expression.value(intent)}`;
  const input = { ...shared, Key: key, UpdateExpression, ConditionExpression, ...expression.attributes };
  return { operation: "UpdateItem", input };
}

/** What is left of the condition when nothing is compared with what was read. */
function unread(there: boolean, hash: string, intent: string, expression: Expression): string {
  const free = `attribute_not_exists(${expression.name(intent)})`;
  return there ? `attribute_exists(${expression.name(hash)}) AND ${free}` : free;
}

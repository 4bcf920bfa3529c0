/** Items that were only read, checked beside writes. */
import type { AttributeMap } from "../dynamodb/attribute.js";
import { Expression } from "../dynamodb/expression.js";
import type { ReadItem } from "./footprint.js";
import { asWrite } from "./intent-request.js";
import { deleteRequest } from "./write.js";
import type { Guard } from "./write.js";

/** The condition under which an item is still what was read, as a `ConditionCheck` of TransactWriteItems takes it. */
export interface ConditionCheck {
  readonly TableName: string | undefined;
  readonly Key: AttributeMap;
  readonly ConditionExpression: string | undefined;
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Record<string, AttributeMap[string]> | undefined;
  readonly ReturnValuesOnConditionCheckFailure: "ALL_OLD";
}

/**
 * Checks that an item is as it was read, as far as the guard compares, and that no transaction in flight holds it; of an
 * absent one, that it is still absent. Throws `ValidationError` for an image too large to be compared.
 */
export function checkOf(read: ReadItem, guard: Guard): ConditionCheck {
  const ReturnValuesOnConditionCheckFailure = "ALL_OLD";
  const { binding, key, image } = read;
  if (image !== undefined) {
    // A delete has the same conditions, and no others.
    const { TableName, ConditionExpression, ...rest } = deleteRequest(
      asWrite(read),
      guard,
      "native minds intents",
    ).input;
    const { ExpressionAttributeNames, ExpressionAttributeValues } = rest;
    return {
      TableName,
      Key: key,
      ConditionExpression,
      ExpressionAttributeNames,
      ExpressionAttributeValues,
      ReturnValuesOnConditionCheckFailure,
    };
  }
  const expression = new Expression();
  const ConditionExpression = `attribute_not_exists(${expression.name(binding.spec.hash.stored)})`;
  return {
    TableName: binding.table,
    Key: key,
    ConditionExpression,
    ...expression.attributes,
    ReturnValuesOnConditionCheckFailure,
  };
}

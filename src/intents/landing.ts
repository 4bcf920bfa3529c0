/** How one item comes out of a transaction in flight: with its new state, or as it was. */
import { pause } from "../dynamodb/pause.js";
import { Expression } from "../dynamodb/expression.js";
import type { ProtocolRule } from "../dynamodb/protocol-hooks.js";
import type { WriteRequest } from "../dynamodb/requests.js";
import type { Changes } from "./changes.js";
import type { Intent } from "./intent.js";
import type { Place } from "./place.js";

/** The text of the one expression that gives an item its new state. */
export function updateText(
  { set, remove }: Changes,
  version: string | undefined,
  place: Place,
  expression: Expression,
): string {
  const { writeId, intent } = place.connection.reserved;
  const sets = Object.entries(set).map(([name, value]) => `${expression.name(name)} = ${expression.value(value)}`);
  if (version !== undefined) sets.push(`${expression.name(writeId)} = ${expression.value({ S: version })}`);
  const removes = [intent, ...remove].map((name) => expression.name(name));
  return `${sets.length > 0 ? `SET ${sets.join(", ")} ` : ""}REMOVE ${removes.join(", ")}`;
}

/** The item gets its new state, if the very intent is still in it. `changes`: of a put. */
export function applyRequest(place: Place, intent: Intent, changes: Changes): WriteRequest {
  const expression = new Expression();
  if (intent.operation === "del") return removal(place, intent, expression, "apply minds the intent");
  const UpdateExpression = updateText(changes, intent.version, place, expression);
  const condition = own(place, intent, expression, "apply minds the intent");
  return {
    operation: "UpdateItem",
    input: { ...where(place), UpdateExpression, ...condition, ...expression.attributes },
  };
}

/** The item is as it was before, if the very intent is still in it. */
export function rollbackRequest(place: Place, intent: Intent): WriteRequest {
  const expression = new Expression();
  if (intent.placeholder) return removal(place, intent, expression, "rollback minds the intent");
  const UpdateExpression = `REMOVE ${expression.name(place.connection.reserved.intent)}`;
  const condition = own(place, intent, expression, "rollback minds the intent");
  return {
    operation: "UpdateItem",
    input: { ...where(place), UpdateExpression, ...condition, ...expression.attributes },
  };
}

function removal(place: Place, intent: Intent, expression: Expression, rule: ProtocolRule): WriteRequest {
  const condition = own(place, intent, expression, rule);
  return { operation: "DeleteItem", input: { ...where(place), ...condition, ...expression.attributes } };
}

function where({ table, key }: Place): { readonly TableName: string; readonly Key: Place["key"] } {
  return { TableName: table, Key: key };
}

/** The condition that this attempt of this transaction is what holds the item. */
function own(
  { connection }: Place,
  { transaction, index, attempt, placeholder, operation }: Intent,
  expression: Expression,
  rule: ProtocolRule,
): { ConditionExpression?: string } {
  if (connection.hooks.without?.has(rule)) return {};
  const intent = expression.name(connection.reserved.intent);
  const parts = [`${intent}.${expression.name("id")} = ${expression.value({ S: transaction })}`];
  if (rule !== "apply minds the intent" || !connection.hooks.without?.has("apply minds the attempt"))
    parts.push(`${intent}.${expression.name("n")} = ${expression.value({ S: `${index}.${attempt}` })}`);
  // An item that is taken away must be the placeholder itself.
  if (placeholder && operation !== "del") parts.push(`attribute_exists(${intent}.${expression.name("new")})`);
  return { ConditionExpression: parts.join(" AND ") };
}

const maxSends = 5;

/** Carries out a landing. Whether it is over: done now, or by somebody else before. What goes unanswered is sent again. */
export async function land({ connection, table }: Place, request: WriteRequest): Promise<boolean> {
  for (let sends = 1; sends <= maxSends; sends++) {
    const result = await connection.requests.write(request);
    if (result.outcome !== "doubt") return true;
    await pause(connection, { reason: "doubt", table, backoff: connection.sendBackoff, attempt: sends });
  }
  return false;
}

import type { KeyValues } from "../base/errors.js";
import { attributeOf, sameAttribute } from "../dynamodb/attribute.js";
import type { AttributeMap, AttributeValue } from "../dynamodb/attribute.js";
import type { DeleteRequest, UpdateRequest, WriteRequest } from "../dynamodb/requests.js";
import type { Binding } from "./binding.js";
import { compileCondition } from "./compile-condition.js";
import { Expression, enclosed } from "../dynamodb/expression.js";
import type { ProtocolRule } from "../dynamodb/protocol-hooks.js";
import { Unstorable } from "./codec/codec.js";
import { storable } from "./validate.js";

export const writeIdLength = 8;
const maxExpressionBytes = 4096;
const maxOperators = 300;

/** One change of one item: what it was, what it is to be, and the id by which it is known afterwards. */
export interface Write {
  readonly binding: Binding;
  readonly key: AttributeMap;
  readonly keyValues: KeyValues;
  /** The item as this write believes it to be; `undefined`: absent. */
  readonly before: AttributeMap | undefined;
  /** The item as it is to be, without its write ids; `undefined`: absent. */
  readonly after: AttributeMap | undefined;
  /** Never used by another write; it shows in the item whether this one was applied. */
  readonly writeId: string;
  /** The caller's own condition. */
  readonly condition: unknown;
  /** Whether the library has just made the key up, so that nobody else can have created, changed or deleted the item. */
  readonly generatedKey: boolean;
}

/** How much of `before` must still be true. */
export type Guard =
  /** All of it, and nothing of the schema added: nobody's change is lost. */
  | "image"
  /** The write ids: no writer of this library came between. */
  | "version"
  /** The write ids too, only so that a late duplicate cannot land; what others wrote is replaced. */
  | "overwrite";

/** The write ids an item carries after a write: newest first, as many as the model remembers. */
export function nextVersion({ binding, before, writeId }: Write): string {
  const seen = (before && attributeOf(before, binding.connection.reserved.writeId)?.S) ?? "";
  return writeId + seen.slice(0, writeIdLength * (binding.spec.historyDepth - 1));
}

/** The image after the write was applied. */
export function imageAfter(write: Write): AttributeMap | undefined {
  const { after, binding } = write;
  if (after === undefined) return undefined;
  // Not by a spread with a member behind it: on Node 20 that costs as much as all the rest.
  const image: Record<string, AttributeValue> = Object.assign({}, after);
  image[binding.connection.reserved.writeId] = { S: nextVersion(write) };
  return image;
}

/** The one request that carries out a write, with the condition under which it may. Throws `ValidationError`. */
export function requestOf(write: Write, guard: Guard, rule?: MindsIntents): WriteRequest {
  const expression = new Expression();
  const { binding, before, after } = write;
  if (after === undefined) return deleteRequest(write, guard, rule);
  if (before === undefined) {
    const ConditionExpression = conditions(write, guard, expression, rule);
    // imageAfter is there when `after` is.
    return {
      operation: "PutItem",
      input: {
        TableName: binding.table,
        ReturnValuesOnConditionCheckFailure,
        Item: imageAfter(write) ?? after,
        ConditionExpression,
        ...expression.attributes,
      },
    };
  }
  const UpdateExpression = changes(write, before, after, guard, expression);
  const ConditionExpression = conditions(write, guard, expression, rule);
  return updateOf(write, UpdateExpression, ConditionExpression, expression);
}

const ReturnValuesOnConditionCheckFailure = "ALL_OLD";

function updateOf(
  { binding, key }: Write,
  UpdateExpression: string,
  ConditionExpression: string,
  expression: Expression,
): UpdateRequest {
  return {
    operation: "UpdateItem",
    input: {
      TableName: binding.table,
      ReturnValuesOnConditionCheckFailure,
      Key: key,
      UpdateExpression,
      ConditionExpression,
      ...expression.attributes,
    },
  };
}

/** `requestOf` of a write that deletes. */
export function deleteRequest(write: Write, guard: Guard, rule?: MindsIntents): DeleteRequest {
  const expression = new Expression();
  const ConditionExpression = conditions(write, guard, expression, rule);
  return {
    operation: "DeleteItem",
    input: {
      TableName: write.binding.table,
      ReturnValuesOnConditionCheckFailure,
      Key: write.key,
      ConditionExpression,
      ...expression.attributes,
    },
  };
}

/** SET and REMOVE of what differs; an overwrite sets or removes every attribute of the schema. */
function changes(
  write: Write,
  before: AttributeMap,
  after: AttributeMap,
  guard: Guard,
  expression: Expression,
): string {
  const { key, binding } = write;
  const { spec, connection } = binding;
  const { writeId } = connection.reserved;
  const whole = guard === "overwrite";
  const set = [`${expression.name(writeId)} = ${expression.value({ S: nextVersion(write) })}`];
  for (const name of Object.keys(after)) {
    const value = after[name];
    if (value === undefined || Object.hasOwn(key, name)) continue;
    if ((whole && spec.storedNames.has(name)) || !sameAttribute(attributeOf(before, name), value)) {
      set.push(`${expression.name(name)} = ${expression.value(value)}`);
    }
  }
  const candidates = whole ? new Set([...Object.keys(before), ...spec.storedNames]) : Object.keys(before);
  const gone: string[] = [];
  for (const name of candidates) {
    if (name !== writeId && !Object.hasOwn(after, name) && !Object.hasOwn(key, name)) gone.push(name);
  }
  const remove = gone.length > 0 ? ` REMOVE ${gone.map((name) => expression.name(name)).join(", ")}` : "";
  return `SET ${set.join(", ")}${remove}`;
}

/** Which rule of the atomic protocol the condition on intents stands for. */
type MindsIntents = Extract<ProtocolRule, `${string} minds intents`>;

/** The condition of a write, or of an intent to make it. Throws `ValidationError`. */
export function conditions(
  write: Write,
  guard: Guard,
  expression: Expression,
  rule: MindsIntents = "save minds intents",
): string {
  const { binding, before, condition, keyValues } = write;
  const { connection, spec, table } = binding;
  const parts: string[] =
    before === undefined ? [absent(write, expression)] : unchanged(write, before, guard, expression);
  if ((before !== undefined || write.after === undefined) && !connection.hooks.without?.has(rule))
    parts.push(`attribute_not_exists(${expression.name(connection.reserved.intent)})`);
  const subject = { table, key: keyValues, action: "save" };
  if (condition !== undefined)
    parts.push(enclosed(compileCondition(spec, condition, expression, { ...subject, action: "condition" })));
  const text = parts.join(" AND ");
  storable(subject, () => checkLimits(text, parts.length));
  return text;
}

/** For a create: no item. For a delete of an item that was not read: none that this library wrote. */
function absent({ binding, after }: Write, expression: Expression): string {
  const { spec, connection } = binding;
  return `attribute_not_exists(${expression.name(after === undefined ? connection.reserved.writeId : spec.hash.stored)})`;
}

/** The item is as it was, as far as the guard compares. */
function unchanged({ binding, key }: Write, before: AttributeMap, guard: Guard, expression: Expression): string[] {
  const { spec, connection } = binding;
  const { writeId } = connection.reserved;
  const is = (name: string, value: AttributeValue | undefined): string =>
    value === undefined
      ? `attribute_not_exists(${expression.name(name)})`
      : `${expression.name(name)} = ${expression.value(value)}`;
  const seen = attributeOf(before, writeId);
  const parts = [is(writeId, seen)];
  // An item with the write id that was seen is there; for one without, nothing else may say so.
  if (seen === undefined) parts.unshift(`attribute_exists(${expression.name(spec.hash.stored)})`);
  if (guard !== "image") return parts;
  for (const name of Object.keys(before)) {
    if (name !== writeId && !Object.hasOwn(key, name)) parts.push(is(name, before[name]));
  }
  for (const name of spec.storedNames) {
    if (!Object.hasOwn(before, name) && !Object.hasOwn(key, name)) parts.push(is(name, undefined));
  }
  return parts;
}

function checkLimits(text: string, parts: number): void {
  // One comparison or function for each part, and an AND between two.
  if (text.length <= maxExpressionBytes && 2 * parts - 1 <= maxOperators) return;
  throw new Unstorable(
    'the item has too many attributes to compare its whole image in one condition: define the model with concurrency: "version"',
  );
}

/** Whether what is stored is what the write believed, as far as its guard compares: then only the caller's condition can have failed. */
export function guardHolds({ binding, before }: Write, guard: Guard, stored: AttributeMap | undefined): boolean {
  if (before === undefined || stored === undefined) return before === stored;
  const { spec, connection } = binding;
  // The write ids count in any case: an item that was read without any has none only as long as nobody has saved it.
  const names = [connection.reserved.writeId];
  if (guard === "image") names.push(...Object.keys(before), ...spec.storedNames);
  return names.every((name) => sameAttribute(attributeOf(before, name), attributeOf(stored, name)));
}

/** Moves the write ids of an item, so that a late write that was sent before can no longer pass; nothing else changes. */
export function fenceRequest(write: Write, before: AttributeMap): UpdateRequest {
  const { binding } = write;
  const { writeId, intent } = binding.connection.reserved;
  const expression = new Expression();
  const moved = nextVersion({ ...write, before, writeId: binding.connection.random.writeId() });
  const UpdateExpression = `SET ${expression.name(writeId)} = ${expression.value({ S: moved })}`;
  const parts = unchanged(write, before, "version", expression);
  const ConditionExpression = [...parts, `attribute_not_exists(${expression.name(intent)})`].join(" AND ");
  return updateOf(write, UpdateExpression, ConditionExpression, expression);
}

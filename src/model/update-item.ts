import {
  ConditionFailedError,
  ConflictError,
  ItemNotFoundError,
  ValidationError,
  describeItem,
} from "../base/errors.js";
import type { PresentItemDetails } from "../base/errors.js";
import { attributeOf, sameAttribute, valueAt } from "../dynamodb/attribute.js";
import type { AttributeMap } from "../dynamodb/attribute.js";
import { pause } from "../dynamodb/pause.js";
import type { UpdateRequest } from "../dynamodb/requests.js";
import { refuseCounterKey } from "./auto-increment.js";
import { placeOf } from "./binding.js";
import type { Binding } from "./binding.js";
import { compileCondition } from "./compile-condition.js";
import { clausesText, compileUpdate } from "./compile-update.js";
import type { UpdateClauses } from "./compile-update.js";
import { Expression, enclosed } from "../dynamodb/expression.js";
import { clear } from "../intents/resolve.js";
import { underIntent } from "../intents/intent.js";
import { describeStored } from "./item.js";
import type { ItemKey } from "./key.js";
import { ambiguous, inquiry, lookAt, readStored } from "./sending.js";
import { writeIds } from "./verdict.js";

/** An update without a read: what is to change where. */
export interface Update {
  readonly binding: Binding;
  readonly key: ItemKey;
  readonly changes: unknown;
  readonly condition: unknown;
}

const maxAttempts = 50; // while the item is held by a transaction in flight

/** The request of an update. It cuts the item's history of write ids: what was there before is not known. */
export function updateRequest(update: Update, writeId: string): UpdateRequest {
  return compile(update, writeId, undefined).request;
}

interface CompiledUpdate {
  readonly request: UpdateRequest;
  /** Where sets lie whose change depends on what is stored there now. */
  readonly sets: UpdateClauses["sets"];
}

/** `known`: the item as it stands, where that is known. */
function compile(update: Update, writeId: string, known: AttributeMap | undefined): CompiledUpdate {
  const { binding, key, changes, condition } = update;
  const { spec, connection, table } = binding;
  const expression = new Expression();
  const subject = { table, key: key.values, action: "update" };
  const clauses = compileUpdate(spec, changes, expression, subject, known);
  const ownId = expression.value({ S: writeId });
  clauses.set.push(`${expression.name(connection.reserved.writeId)} = ${ownId}`);
  if (spec.updatedAt !== undefined) {
    const now = new Date(connection.clock.now()).toISOString();
    clauses.set.push(`${expression.name(spec.updatedAt.stored)} = ${expression.value({ S: now })}`);
  }
  const free = connection.hooks.without?.has("save minds intents")
    ? []
    : [`attribute_not_exists(${expression.name(connection.reserved.intent)})`];
  const conditions = [
    `attribute_exists(${expression.name(spec.hash.stored)})`,
    ...free,
    // It compares no image: while its id is listed, this keeps a network that repeats it from applying it twice.
    `NOT contains(${expression.name(connection.reserved.writeId)}, ${ownId})`,
    ...clauses.conditions,
  ];
  if (condition !== undefined)
    conditions.push(enclosed(compileCondition(spec, condition, expression, { ...subject, action: "condition" })));
  const request: UpdateRequest = {
    operation: "UpdateItem",
    input: {
      TableName: table,
      Key: key.stored,
      UpdateExpression: clausesText(clauses),
      ConditionExpression: conditions.join(" AND "),
      ...expression.attributes,
      ReturnValues: "ALL_NEW",
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    },
  };
  return { request, sets: clauses.sets };
}

/** Sends an update and resolves with the item as it is after it. Throws `ItemNotFoundError`, `ConditionFailedError`, … */
export async function updateItem(update: Update, signal: AbortSignal | undefined): Promise<AttributeMap> {
  const { binding, key } = update;
  const { connection, table } = binding;
  refuseCounterKey(binding, key.stored);
  const writeId = connection.random.writeId();
  const subject = { key: key.stored, keyValues: key.values };
  let known: AttributeMap | undefined;
  for (let attempt = 1; ; attempt++) {
    const { request, sets } = compile(update, writeId, known);
    const differs = (item: AttributeMap | undefined): boolean =>
      sets.some((path) => !sameAttribute(valueAt(known, path), valueAt(item, path)));
    let stored: AttributeMap | undefined;
    try {
      const result = await connection.requests.write(request, signal);
      if (result.outcome === "applied") return result.attributes ?? {};
      if (result.outcome === "doubt") return await found(update, writeId, result.cause);
      stored = result.item ?? (await readStored(binding, key.stored));
      if (stored !== undefined && writeIds(binding, stored).includes(writeId)) return shown(binding, stored);
      const retry = isHeld(binding, stored) || differs(stored);
      if (!retry || attempt >= maxAttempts) throw refusal(update, stored);
    } catch (error) {
      // DynamoDB adds no elements to an empty set, because it has none: the list in its place must be set instead.
      if (!(error instanceof ValidationError) || error.cause === undefined || attempt >= maxAttempts) throw error;
      stored = await readStored(binding, key.stored);
      if (!differs(stored)) throw error;
    }
    // What holds the item comes first. Refused for it, the update was not applied: it may go out once more.
    if (isHeld(binding, stored)) stored = await clear(placeOf(binding, subject), stored, { signal });
    known = stored;
    await pause(connection, { reason: "conflict", table, backoff: connection.conflictBackoff, attempt, signal });
  }

  function refusal({ condition }: Update, stored: AttributeMap | undefined): Error {
    const name = describeItem(table, key.values);
    const details: PresentItemDetails = { table, key: key.values, item: describeStored(binding, stored) };
    if (stored === undefined) return new ItemNotFoundError(`${name} does not exist`, details);
    if (isHeld(binding, stored)) return new ConflictError(`${name} is held by a transaction in flight`, details);
    if (condition !== undefined) return new ConditionFailedError(`${name}: the condition does not hold`, details);
    return new ConflictError(`${name} changed while it was updated`, details);
  }
}

/**
 * The item, where it shows that an update whose answer was lost was applied. It is never sent again: nothing would
 * tell the late one from the new one.
 */
function found({ binding, key }: Update, writeId: string, cause: unknown): Promise<AttributeMap> {
  const write = { binding, key: key.stored, keyValues: key.values };
  return inquiry(write, cause, async () => {
    const stored = await lookAt(write);
    if (stored === undefined || !writeIds(binding, stored).includes(writeId)) throw ambiguous(write, cause);
    return { outcome: "applied", stored: shown(binding, stored) };
  }).then(({ stored }) => stored);
}

/** The item as readers see it: a transaction may have come into flight since. */
function shown({ connection }: Binding, stored: AttributeMap): AttributeMap {
  return underIntent(connection.reserved, stored) ?? stored;
}

function isHeld({ connection }: Binding, stored: AttributeMap | undefined): boolean {
  return stored !== undefined && attributeOf(stored, connection.reserved.intent) !== undefined;
}

/** Queries and scans: from the caller's options to requests. */
import type { GetItemCommandInput, QueryCommandInput, ScanCommandInput } from "@aws-sdk/client-dynamodb";
import { Unstorable } from "./codec/codec.js";
import { attributeOf, sameAttribute } from "../dynamodb/attribute.js";
import type { AttributeMap } from "../dynamodb/attribute.js";
import { conditionHolds, rangeHolds } from "./evaluate-condition.js";
import type { Binding } from "./binding.js";
import { compileCondition, compileRange } from "./compile-condition.js";
import { itemScope } from "./scope.js";
import type { Scope } from "./scope.js";
import { Expression, enclosed } from "../dynamodb/expression.js";
import { encodeKeyValue } from "./key.js";
import type { ItemKey } from "./key.js";
import { decodeCursor } from "./query.js";
import { keyFields } from "./spec.js";
import type { IndexSpec, ModelSpec } from "./spec.js";
import { invalid, storable } from "./validate.js";
import type { Subject } from "./validate.js";

/** The options of `query` and `scan` as they arrive. */
export interface SelectOptions {
  readonly index?: PropertyKey | undefined;
  readonly range?: unknown;
  readonly filter?: unknown;
  readonly reverse?: boolean | undefined;
  readonly limit?: number | undefined;
  readonly pageSize?: number | undefined;
  readonly cursor?: string | undefined;
  readonly consistent?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a query or scan asks: everything but where to begin and how much. */
export interface Selection {
  readonly binding: Binding;
  readonly index: IndexSpec | undefined;
  readonly input: QueryCommandInput | ScanCommandInput;
  readonly options: SelectOptions;
  readonly start: AttributeMap | undefined;
  /** Whether an item is one that is asked for; for those that DynamoDB let pass because they are in flight. */
  matches(image: AttributeMap): boolean;
}

/** The request of a read by key. */
export function getInput(
  { table }: Binding,
  { stored }: ItemKey,
  { consistent = true }: { readonly consistent?: boolean | undefined },
): GetItemCommandInput {
  return { TableName: table, Key: stored, ...(consistent && { ConsistentRead: true }) };
}

/** `target`: the model whose attributes are wanted, when it is another on the same table. */
export function selectQuery(binding: Binding, hash: unknown, options: SelectOptions, target: Binding): Selection {
  const { spec, table } = binding;
  const subject = { table, action: "query" };
  const index = findIndex(spec, options.index, subject);
  const { hash: hashField, range: rangeField } = index ?? spec;
  const expression = new Expression();
  const hashValue = encodeKeyValue(hashField, hash, subject);
  const conditions = [`${expression.name(hashField.stored)} = ${expression.value(hashValue)}`];
  if (options.range !== undefined) {
    if (rangeField === undefined)
      throw fault(subject, `there is no range key${index ? ` on the index ${index.name}` : ""}`, "range");
    conditions.push(compileRange(rangeField, options.range, expression, subject));
  }
  if (index && options.consistent) throw fault(subject, "an index cannot be read consistently", "consistent");
  const keys = new Set([hashField.name, ...(rangeField ? [rangeField.name] : [])]);
  const input = {
    TableName: table,
    ...(index && { IndexName: index.name }),
    KeyConditionExpression: conditions.join(" AND "),
    ...filter(binding, options, expression, subject, filterScope(spec, index, keys)),
    ...(options.reverse && { ScanIndexForward: false }),
    ...(options.consistent && { ConsistentRead: true }),
    ...projection(binding, target, expression),
  };
  return {
    binding,
    index,
    input: { ...input, ...expression.attributes },
    options,
    start: startOf(options, subject),
    matches: (image) =>
      sameAttribute(attributeOf(image, hashField.stored), hashValue) &&
      (options.range === undefined || rangeField === undefined || rangeHolds(rangeField, options.range, image)) &&
      (options.filter === undefined || conditionHolds(spec, options.filter, image)),
  };
}

export function selectScan(binding: Binding, options: SelectOptions, target: Binding): Selection {
  const { spec, table } = binding;
  const subject = { table, action: "scan" };
  const expression = new Expression();
  const input = {
    TableName: table,
    ...filter(binding, options, expression, subject, itemScope(spec)),
    ...(options.consistent && { ConsistentRead: true }),
    ...projection(binding, target, expression),
  };
  return {
    binding,
    index: undefined,
    input: { ...input, ...expression.attributes },
    options,
    start: startOf(options, subject),
    matches: (image) => options.filter === undefined || conditionHolds(spec, options.filter, image),
  };
}

function fault(subject: Subject, message: string, option: string): Error {
  return invalid(subject, [{ code: "custom", message, path: [option] }]);
}

function findIndex(spec: ModelSpec, name: PropertyKey | undefined, subject: Subject): IndexSpec | undefined {
  if (name === undefined) return undefined;
  const index = spec.indexes.get(String(name));
  if (index === undefined) throw fault(subject, `the model has no index ${String(name)}`, "index");
  return index;
}

/** What a filter may name: not the keys that the query asks for, and only what the rows of the index hold. */
function filterScope(spec: ModelSpec, index: IndexSpec | undefined, keys: ReadonlySet<string>): Scope {
  const scope = itemScope(spec);
  return {
    find(name) {
      if (keys.has(name)) throw new Unstorable("a filter cannot test a key of the query: use the hash value and range");
      const place = scope.find(name);
      if (place && index?.holds && !index.holds.has(place.stored))
        throw new Unstorable(`the index ${index.name} does not hold this attribute`);
      return place;
    },
  };
}

/** What DynamoDB is to leave out. Items in flight come in any case: it sees their old state, and the new one may count. */
function filter(
  { spec, connection }: Binding,
  options: SelectOptions,
  expression: Expression,
  subject: Subject,
  scope: Scope,
): { FilterExpression?: string } {
  if (options.filter === undefined) return {};
  const text = compileCondition(
    spec,
    options.filter,
    expression,
    { ...subject, action: `${subject.action}: filter` },
    scope,
  );
  const inFlight = `attribute_exists(${expression.name(connection.reserved.intent)})`;
  return { FilterExpression: `${enclosed(text)} OR ${inFlight}` };
}

/** Names what another model on the table needs: its attributes, the keys, and the library's own. */
function projection(binding: Binding, target: Binding, expression: Expression): { ProjectionExpression?: string } {
  if (target.spec === binding.spec) return {};
  const { writeId, intent } = binding.connection.reserved;
  const names = new Set([
    ...keyFields(binding.spec).map(({ stored }) => stored),
    ...target.spec.storedNames,
    writeId,
    intent,
  ]);
  return { ProjectionExpression: [...names].map((name) => expression.name(name)).join(", ") };
}

function startOf({ cursor, limit, pageSize }: SelectOptions, subject: Subject): AttributeMap | undefined {
  for (const [name, value] of Object.entries({ limit, pageSize })) {
    if (value !== undefined && (!Number.isInteger(value) || value < (name === "limit" ? 0 : 1)))
      throw fault(subject, `expected a whole number, but got ${value}`, name);
  }
  if (cursor === undefined) return undefined;
  const start = decodeCursor(cursor);
  if (start === undefined) throw fault(subject, "not a cursor of a page of this query", "cursor");
  return start;
}

/** Refuses a model of another table or key in place of the one that is queried. Throws `ValidationError`. */
export function checkTarget(binding: Binding, target: Binding): void {
  const subject = { table: binding.table, action: "query" };
  const keys = (spec: ModelSpec): string =>
    keyFields(spec)
      .map(({ stored, attribute }) => `${stored}:${attribute.type}`)
      .join();
  const same = binding.table === target.table && keys(binding.spec) === keys(target.spec);
  storable(subject, () => {
    if (!same) throw new Unstorable("as: the other model must have the same table and key");
  });
}

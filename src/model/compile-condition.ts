import type { $ZodType } from "zod/v4/core";
import type { AttributeValue } from "../dynamodb/attribute.js";
import { Unstorable, within } from "./codec/codec.js";
import type { Codec } from "./codec/codec.js";
import { enclosed } from "../dynamodb/expression.js";
import type { Expression } from "../dynamodb/expression.js";
import { Operator } from "./operator.js";
import { memberSchema } from "./schema-parts.js";
import type { ModelSpec } from "./spec.js";
import { storable } from "./validate.js";
import type { Subject } from "./validate.js";

const maxDepth = 32; // of nested objects and combinations; DynamoDB's own limit of a path
const maxInOperands = 100;
const rangeTests = new Set(["eq", "lt", "le", "gt", "ge", "between", "beginsWith"]);
const comparators: Readonly<Record<string, string>> = { eq: "=", ne: "<>", lt: "<", le: "<=", gt: ">", ge: ">=" };

/** The names that may be tested at one level, and how each is stored. */
export interface Scope {
  find(name: string): Place | undefined;
}

/** One attribute or member; the schema where a value for it can be validated by itself. */
export interface Place {
  readonly stored: string;
  readonly codec: Codec;
  readonly schema: $ZodType | undefined;
}

export function itemScope(spec: ModelSpec): Scope {
  return { find: (name) => spec.fieldByName.get(name) };
}

export function memberScope(codec: Codec, schema: $ZodType | undefined): Scope | undefined {
  const { members, element, leaf, options } = codec.anatomy();
  if (options !== undefined) {
    const scopes = options.map((option) => memberScope(option, undefined)).filter((scope) => scope !== undefined);
    if (scopes.length === 0) return undefined;
    return { find: (name) => scopes.map((scope) => scope.find(name)).find((found) => found !== undefined) };
  }
  if (leaf !== undefined || (members === undefined && element === undefined)) return undefined;
  return {
    find(name) {
      const member = members?.get(name) ?? element;
      return member && { stored: name, codec: member, schema: memberSchema(schema, name) };
    },
  };
}

/** A value in its stored form, through the codec's output side. Throws `Unstorable`. */
export function encodeOperand(codec: Codec, value: unknown): AttributeValue | undefined {
  if (value === undefined) throw new Unstorable("a value is missing: use exists() or notExists() to test for presence");
  const input = codec.unwrap === undefined ? value : codec.unwrap(value);
  if (!codec.accepts(input)) throw new Unstorable("the value is not of the attribute's type");
  return codec.encode(input);
}

/** The text of a condition over an item. Throws `ValidationError` for what cannot be asked. */
export function compileCondition(
  spec: ModelSpec,
  condition: unknown,
  expression: Expression,
  subject: Subject,
  scope: Scope = itemScope(spec),
): string {
  return storable(subject, () => new ConditionCompiler(expression).condition(condition, scope, [], 0));
}

class ConditionCompiler {
  readonly #expression: Expression;

  constructor(expression: Expression) {
    this.#expression = expression;
  }

  /** `path`: the placeholders that lead to the scope. */
  condition(condition: unknown, scope: Scope, path: readonly string[], depth: number): string {
    if (depth > maxDepth) throw new Unstorable(`a condition is nested deeper than ${maxDepth}`);
    if (condition instanceof Operator) {
      return this.#combine(condition, (operand) => this.condition(operand, scope, path, depth + 1));
    }
    if (typeof condition !== "object" || condition === null)
      throw new Unstorable("expected a condition: { attribute: eq(value) }");
    const tests = Object.entries(condition).filter(([, test]) => test !== undefined);
    if (tests.length === 0) throw new Unstorable("a condition needs at least one test");
    return tests.map(([name, test]) => within(name, () => this.#field(name, test, scope, path, depth))).join(" AND ");
  }

  #field(name: string, test: unknown, scope: Scope, path: readonly string[], depth: number): string {
    const found = scope.find(name);
    if (found === undefined) throw new Unstorable("no such attribute in the schema");
    return this.#test(test, found.codec, [...path, this.#expression.name(found.stored)], depth);
  }

  #test(test: unknown, codec: Codec, path: readonly string[], depth: number): string {
    if (depth > maxDepth) throw new Unstorable(`a condition is nested deeper than ${maxDepth}`);
    if (!(test instanceof Operator)) return this.#nested(test, codec, path, depth);
    if (test.name === "and" || test.name === "or" || test.name === "not") {
      return this.#combine(test, (operand) => this.#test(operand, codec, path, depth + 1));
    }
    return this.#leaf(test, codec, path.join("."));
  }

  #nested(test: unknown, codec: Codec, path: readonly string[], depth: number): string {
    const scope = memberScope(codec, undefined);
    if (scope === undefined || typeof test !== "object" || test === null) {
      throw new Unstorable("expected a test such as eq(value), not a plain value");
    }
    return this.condition(test, scope, path, depth + 1);
  }

  #combine({ name, operands }: Operator, compile: (operand: unknown) => string): string {
    if (operands.length === 0) throw new Unstorable(`${name}() needs at least one condition`);
    const parts = operands.map((operand) => enclosed(compile(operand)));
    if (name === "and") return parts.join(" AND ");
    if (name === "or") return enclosed(parts.join(" OR "));
    if (name === "not") return `NOT ${parts.join("")}`;
    throw new Unstorable(`${name}() is a test of one attribute, or no condition at all`);
  }

  #leaf({ name, operands }: Operator, codec: Codec, path: string): string {
    const [first, second] = operands;
    const comparator = comparators[name];
    if (comparator !== undefined) return this.#compare(path, comparator, encodeOperand(codec, first));
    switch (name) {
      case "between":
        return `${path} BETWEEN ${this.#operand(codec, first)} AND ${this.#operand(codec, second)}`;
      case "in":
        return this.#in(operands[0], codec, path);
      case "beginsWith":
        return `begins_with(${path}, ${this.#operand(codec, first)})`;
      case "contains":
        return `contains(${path}, ${this.#operand(elementCodec(codec), first)})`;
      case "exists":
        return `attribute_exists(${path})`;
      case "notExists":
        return `attribute_not_exists(${path})`;
      default:
        throw new Unstorable(`${name}() is an update, not a test`);
    }
  }

  /** An empty set is stored as no attribute, so comparing with it asks for presence. */
  #compare(path: string, comparator: string, encoded: AttributeValue | undefined): string {
    if (encoded !== undefined) return `${path} ${comparator} ${this.#expression.value(encoded)}`;
    return comparator === "=" ? `attribute_not_exists(${path})` : `attribute_exists(${path})`;
  }

  #operand(codec: Codec, value: unknown): string {
    const encoded = encodeOperand(codec, value);
    if (encoded === undefined) throw new Unstorable("an empty set cannot stand here");
    return this.#expression.value(encoded);
  }

  #in(values: unknown, codec: Codec, path: string): string {
    if (!Array.isArray(values)) throw new Unstorable("isIn() takes a list of values");
    if (values.length === 0) return `(attribute_exists(${path}) AND attribute_not_exists(${path}))`;
    const operands = values.map((value) => this.#operand(codec, value));
    const chunks: string[] = [];
    for (let from = 0; from < operands.length; from += maxInOperands) {
      chunks.push(`${path} IN (${operands.slice(from, from + maxInOperands).join(", ")})`);
    }
    return chunks.length === 1 ? chunks.join("") : enclosed(chunks.join(" OR "));
  }
}

/** What an attribute can contain: a part of a text, an element of a set or list. */
function elementCodec(codec: Codec): Codec {
  const { leaf, element, options } = codec.anatomy();
  if (leaf === "string") return codec;
  if (element !== undefined) return element;
  const inner = options?.find((option) => option.anatomy().element ?? option.anatomy().leaf === "string");
  if (inner === undefined) throw new Unstorable("contains() tests texts, sets and lists");
  return elementCodec(inner);
}

/** What DynamoDB's comparison of a range key may be: one test of one attribute. Throws `ValidationError`. */
export function compileRange(field: Place, test: unknown, expression: Expression, subject: Subject): string {
  return storable(subject, () => {
    if (!(test instanceof Operator) || !rangeTests.has(test.name))
      throw new Unstorable("a range is one of eq, lt, le, gt, ge, between, beginsWith");
    const scope: Scope = { find: () => field };
    return new ConditionCompiler(expression).condition({ [field.stored]: test }, scope, [], 0);
  });
}

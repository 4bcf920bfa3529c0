import type { AttributeValue } from "../dynamodb/attribute.js";
import { Unstorable, within } from "./codec/codec.js";
import type { Codec } from "./codec/codec.js";
import { Operator } from "./operator.js";
import { elementCodec, encodeOperand, memberScope } from "./scope.js";
import type { Place, Scope } from "./scope.js";

const maxDepth = 32; // of nested objects and combinations; DynamoDB's own limit of a path
const comparators: ReadonlySet<string> = new Set(["eq", "ne", "lt", "le", "gt", "ge"]);
const rangeTests = new Set(["eq", "lt", "le", "gt", "ge", "between", "beginsWith"]);

export type Comparator = "eq" | "ne" | "lt" | "le" | "gt" | "ge";

/**
 * What a walk makes of a condition: text that asks for it, or the answer. `At` is a place in the item, `Result` what one
 * test or a combination of them comes to. Operands come in their stored form.
 */
export interface ConditionForm<At, Result> {
  /** The item itself. */
  readonly root: At;
  member(at: At, stored: string): At;
  compare(at: At, comparator: Comparator, operand: AttributeValue): Result;
  between(at: At, from: AttributeValue, to: AttributeValue): Result;
  /** `operands`: possibly none, and then it never holds. */
  isIn(at: At, operands: readonly AttributeValue[]): Result;
  beginsWith(at: At, start: AttributeValue): Result;
  contains(at: At, element: AttributeValue): Result;
  exists(at: At): Result;
  notExists(at: At): Result;
  /** All tests of one object, at least one. */
  every(parts: readonly Result[]): Result;
  /** At least one operand, as for `or`. */
  and(parts: readonly Result[]): Result;
  or(parts: readonly Result[]): Result;
  not(part: Result): Result;
}

/** Goes through a condition: names become places, values their stored form. Throws `Unstorable` for what cannot be asked. */
export class ConditionWalk<At, Result> {
  readonly #form: ConditionForm<At, Result>;

  constructor(form: ConditionForm<At, Result>) {
    this.#form = form;
  }

  /** A condition over an item. */
  item(condition: unknown, scope: Scope): Result {
    return this.#condition(condition, scope, this.#form.root, 0);
  }

  /** What DynamoDB's comparison of a range key may be: one test of one attribute. */
  range(field: Place, test: unknown): Result {
    if (!(test instanceof Operator) || !rangeTests.has(test.name))
      throw new Unstorable("a range is one of eq, lt, le, gt, ge, between, beginsWith");
    return this.item({ [field.stored]: test }, { find: () => field });
  }

  #condition(condition: unknown, scope: Scope, at: At, depth: number): Result {
    if (depth > maxDepth) throw new Unstorable(`a condition is nested deeper than ${maxDepth}`);
    if (condition instanceof Operator) {
      return this.#combine(condition, (operand) => this.#condition(operand, scope, at, depth + 1));
    }
    if (typeof condition !== "object" || condition === null)
      throw new Unstorable("expected a condition: { attribute: eq(value) }");
    const tests = Object.entries(condition).filter(([, test]) => test !== undefined);
    if (tests.length === 0) throw new Unstorable("a condition needs at least one test");
    return this.#form.every(tests.map(([name, test]) => within(name, () => this.#field(name, test, scope, at, depth))));
  }

  #field(name: string, test: unknown, scope: Scope, at: At, depth: number): Result {
    const found = scope.find(name);
    if (found === undefined) throw new Unstorable("no such attribute in the schema");
    return this.#test(test, found.codec, this.#form.member(at, found.stored), depth);
  }

  #test(test: unknown, codec: Codec, at: At, depth: number): Result {
    if (depth > maxDepth) throw new Unstorable(`a condition is nested deeper than ${maxDepth}`);
    if (!(test instanceof Operator)) return this.#nested(test, codec, at, depth);
    if (test.name === "and" || test.name === "or" || test.name === "not") {
      return this.#combine(test, (operand) => this.#test(operand, codec, at, depth + 1));
    }
    return this.#leaf(test, codec, at);
  }

  #nested(test: unknown, codec: Codec, at: At, depth: number): Result {
    const scope = memberScope(codec, undefined);
    if (scope === undefined || typeof test !== "object" || test === null) {
      throw new Unstorable("expected a test such as eq(value), not a plain value");
    }
    return this.#condition(test, scope, at, depth + 1);
  }

  #combine({ name, operands }: Operator, step: (operand: unknown) => Result): Result {
    if (operands.length === 0) throw new Unstorable(`${name}() needs at least one condition`);
    const parts = operands.map(step);
    const [first] = parts;
    if (name === "and") return this.#form.and(parts);
    if (name === "or") return this.#form.or(parts);
    if (name === "not" && first !== undefined) return this.#form.not(first);
    throw new Unstorable(`${name}() is a test of one attribute, or no condition at all`);
  }

  #leaf({ name, operands }: Operator, codec: Codec, at: At): Result {
    const [first, second] = operands;
    if (isComparator(name)) return this.#compare(at, name, encodeOperand(codec, first));
    switch (name) {
      case "between":
        return this.#form.between(at, encodeSolid(codec, first), encodeSolid(codec, second));
      case "in":
        if (!Array.isArray(first)) throw new Unstorable("isIn() takes a list of values");
        return this.#form.isIn(
          at,
          first.map((value) => encodeSolid(codec, value)),
        );
      case "beginsWith":
        return this.#form.beginsWith(at, encodeSolid(codec, first));
      case "contains":
        return this.#form.contains(at, encodeSolid(elementCodec(codec), first));
      case "exists":
        return this.#form.exists(at);
      case "notExists":
        return this.#form.notExists(at);
      default:
        throw new Unstorable(`${name}() is an update, not a test`);
    }
  }

  /** An empty set is stored as no attribute, so comparing with it asks for presence. */
  #compare(at: At, comparator: Comparator, encoded: AttributeValue | undefined): Result {
    if (encoded !== undefined) return this.#form.compare(at, comparator, encoded);
    return comparator === "eq" ? this.#form.notExists(at) : this.#form.exists(at);
  }
}

function isComparator(name: string): name is Comparator {
  return comparators.has(name);
}

/** An operand that is something, where the absence of an attribute would mean nothing. */
function encodeSolid(codec: Codec, value: unknown): AttributeValue {
  const encoded = encodeOperand(codec, value);
  if (encoded === undefined) throw new Unstorable("an empty set cannot stand here");
  return encoded;
}

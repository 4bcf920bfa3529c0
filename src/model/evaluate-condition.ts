/** Conditions answered here, for an item at hand, as DynamoDB would answer them. */
import { attributeOf } from "../dynamodb/attribute.js";
import type { AttributeMap, AttributeValue } from "../dynamodb/attribute.js";
import { Unstorable, tagOf } from "./codec/codec.js";
import { ConditionWalk } from "./condition-walk.js";
import type { Comparator, ConditionForm } from "./condition-walk.js";
import { Operator } from "./operator.js";
import { itemScope } from "./scope.js";
import type { KeyField, ModelSpec } from "./spec.js";
import { beginsStored, containsStored, equalStored, orderStored } from "./stored-order.js";

/**
 * Whether a condition, in the form `compileCondition` takes, holds for a stored item. All of it is looked at, so that
 * what cannot be asked throws `Unstorable` whatever the item holds.
 */
export function conditionHolds(spec: ModelSpec, condition: unknown, item: AttributeMap): boolean {
  return new ConditionWalk(new ConditionAnswer(item)).item(condition, itemScope(spec));
}

/**
 * Whether a stored item's key attribute is in a range, in the form `compileRange` takes, or equal to a plain value. An
 * item without the attribute is in no range. Throws `Unstorable` for what cannot be asked.
 */
export function rangeHolds(field: KeyField, range: unknown, item: AttributeMap): boolean {
  const test = range instanceof Operator ? range : new Operator("eq", [range]);
  return new ConditionWalk(new ConditionAnswer(item)).range(field, test);
}

/**
 * A place is the value that stands there. Every test of a value that is not there fails but `notExists` and `ne`, and so
 * does every test of a value of another type; `not` makes each of them hold.
 */
class ConditionAnswer implements ConditionForm<AttributeValue | undefined, boolean> {
  readonly root: AttributeValue;

  constructor(item: AttributeMap) {
    this.root = { M: item };
  }

  member(at: AttributeValue | undefined, stored: string): AttributeValue | undefined {
    return at?.M && attributeOf(at.M, stored);
  }

  compare(at: AttributeValue | undefined, comparator: Comparator, operand: AttributeValue): boolean {
    if (comparator === "eq") return equalStored(at, operand);
    if (comparator === "ne") return !equalStored(at, operand);
    checkOrdered(operand);
    const order = orderStored(at, operand);
    if (order === undefined) return false;
    if (comparator === "lt") return order < 0;
    if (comparator === "le") return order <= 0;
    return comparator === "gt" ? order > 0 : order >= 0;
  }

  between(at: AttributeValue | undefined, from: AttributeValue, to: AttributeValue): boolean {
    checkOrdered(from);
    const span = orderStored(from, to);
    if (span === undefined) throw new Unstorable("between() takes two values of one type");
    if (span > 0) throw new Unstorable("between() takes the lower value first");
    return this.compare(at, "ge", from) && this.compare(at, "le", to);
  }

  isIn(at: AttributeValue | undefined, operands: readonly AttributeValue[]): boolean {
    return operands.some((operand) => equalStored(at, operand));
  }

  beginsWith(at: AttributeValue | undefined, start: AttributeValue): boolean {
    if (start.S === undefined && start.B === undefined) throw new Unstorable("beginsWith() tests texts and bytes");
    return beginsStored(at, start);
  }

  contains(at: AttributeValue | undefined, element: AttributeValue): boolean {
    return containsStored(at, element);
  }

  exists(at: AttributeValue | undefined): boolean {
    return at !== undefined;
  }

  notExists(at: AttributeValue | undefined): boolean {
    return at === undefined;
  }

  every(parts: readonly boolean[]): boolean {
    return parts.every(Boolean);
  }

  and(parts: readonly boolean[]): boolean {
    return parts.every(Boolean);
  }

  or(parts: readonly boolean[]): boolean {
    return parts.some(Boolean);
  }

  not(part: boolean): boolean {
    return !part;
  }
}

/** DynamoDB refuses to order any other values, so a request with them is an error and not an answer. */
function checkOrdered(operand: AttributeValue): void {
  const tag = tagOf(operand);
  if (tag !== "S" && tag !== "N" && tag !== "B") throw new Unstorable(`a value of type ${tag} has no order`);
}

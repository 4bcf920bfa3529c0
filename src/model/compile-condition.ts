import type { AttributeValue } from "../dynamodb/attribute.js";
import { ConditionWalk } from "./condition-walk.js";
import type { Comparator, ConditionForm } from "./condition-walk.js";
import { enclosed } from "../dynamodb/expression.js";
import type { Expression } from "../dynamodb/expression.js";
import { itemScope } from "./scope.js";
import type { Place, Scope } from "./scope.js";
import type { ModelSpec } from "./spec.js";
import { storable } from "./validate.js";
import type { Subject } from "./validate.js";

const maxInOperands = 100;
const signs: Readonly<Record<Comparator, string>> = { eq: "=", ne: "<>", lt: "<", le: "<=", gt: ">", ge: ">=" };

/** The text of a condition over an item. Throws `ValidationError` for what cannot be asked. */
export function compileCondition(
  spec: ModelSpec,
  condition: unknown,
  expression: Expression,
  subject: Subject,
  scope: Scope = itemScope(spec),
): string {
  return storable(subject, () => new ConditionWalk(new ConditionText(expression)).item(condition, scope));
}

/** What DynamoDB's comparison of a range key may be: one test of one attribute. Throws `ValidationError`. */
export function compileRange(field: Place, test: unknown, expression: Expression, subject: Subject): string {
  return storable(subject, () => new ConditionWalk(new ConditionText(expression)).range(field, test));
}

/** A condition as DynamoDB's expression; a place is the path of placeholders that leads there. */
class ConditionText implements ConditionForm<string, string> {
  readonly root = "";
  readonly #expression: Expression;

  constructor(expression: Expression) {
    this.#expression = expression;
  }

  member(path: string, stored: string): string {
    const name = this.#expression.name(stored);
    return path === "" ? name : `${path}.${name}`;
  }

  compare(path: string, comparator: Comparator, operand: AttributeValue): string {
    return `${path} ${signs[comparator]} ${this.#expression.value(operand)}`;
  }

  between(path: string, from: AttributeValue, to: AttributeValue): string {
    return `${path} BETWEEN ${this.#expression.value(from)} AND ${this.#expression.value(to)}`;
  }

  isIn(path: string, operands: readonly AttributeValue[]): string {
    if (operands.length === 0) return `(attribute_exists(${path}) AND attribute_not_exists(${path}))`;
    const values = operands.map((operand) => this.#expression.value(operand));
    const chunks: string[] = [];
    for (let from = 0; from < values.length; from += maxInOperands) {
      chunks.push(`${path} IN (${values.slice(from, from + maxInOperands).join(", ")})`);
    }
    return chunks.length === 1 ? chunks.join("") : enclosed(chunks.join(" OR "));
  }

  beginsWith(path: string, start: AttributeValue): string {
    return `begins_with(${path}, ${this.#expression.value(start)})`;
  }

  contains(path: string, element: AttributeValue): string {
    return `contains(${path}, ${this.#expression.value(element)})`;
  }

  exists(path: string): string {
    return `attribute_exists(${path})`;
  }

  notExists(path: string): string {
    return `attribute_not_exists(${path})`;
  }

  every(parts: readonly string[]): string {
    return parts.join(" AND ");
  }

  and(parts: readonly string[]): string {
    return parts.map(enclosed).join(" AND ");
  }

  or(parts: readonly string[]): string {
    return enclosed(parts.map(enclosed).join(" OR "));
  }

  not(part: string): string {
    return `NOT ${enclosed(part)}`;
  }
}

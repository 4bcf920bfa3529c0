import type { AttributeValue } from "./attribute.js";

/** The placeholders that most requests do with, made once. */
const known = Array.from({ length: 64 }, (_, number) => number.toString(36));

function label(number: number): string {
  return known[number] ?? number.toString(36);
}

export interface ExpressionAttributes {
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, AttributeValue>;
}

/** Collects the names and values of one request's expressions, so that any attribute name can stand in them. */
export class Expression {
  readonly #placeholders = new Map<string, string>();
  readonly #names: Record<string, string> = {};
  readonly #values: Record<string, AttributeValue> = {};
  #valueCount = 0;

  /** The placeholder of an attribute or member name. */
  name(name: string): string {
    let placeholder = this.#placeholders.get(name);
    if (placeholder === undefined) {
      placeholder = `#${label(this.#placeholders.size)}`;
      this.#placeholders.set(name, placeholder);
      this.#names[placeholder] = name;
    }
    return placeholder;
  }

  /** The placeholder of a value. */
  value(value: AttributeValue): string {
    const placeholder = `:${label(this.#valueCount++)}`;
    this.#values[placeholder] = value;
    return placeholder;
  }

  /** What a request carries beside its expressions. */
  get attributes(): ExpressionAttributes {
    const attributes: ExpressionAttributes = {};
    if (this.#placeholders.size > 0) attributes.ExpressionAttributeNames = this.#names;
    if (this.#valueCount > 0) attributes.ExpressionAttributeValues = this.#values;
    return attributes;
  }
}

/** The text of a condition as one operand: DynamoDB refuses parentheses around what stands in parentheses already. */
export function enclosed(text: string): string {
  return isEnclosed(text) ? text : `(${text})`;
}

function isEnclosed(text: string): boolean {
  if (!text.startsWith("(")) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "(") depth++;
    else if (text[at] === ")" && --depth === 0) return at === text.length - 1;
  }
  return false;
}

import { sameAttribute, valueAt } from "../dynamodb/attribute.js";
import type { AttributeMap, AttributeValue } from "../dynamodb/attribute.js";
import { Unstorable, within } from "./codec/codec.js";
import type { Codec } from "./codec/codec.js";
import { encodeOperand, memberScope } from "./scope.js";
import type { Place, Scope } from "./scope.js";
import type { Expression } from "../dynamodb/expression.js";
import { checkKeyValue } from "./key.js";
import { Operator } from "./operator.js";
import { checkElements, encodeChecked, mayBeAbsent } from "./place-values.js";
import { isWithin, members } from "./set-members.js";
import { defaultOf, isInteger } from "./schema-parts.js";
import type { KeyField, ModelSpec } from "./spec.js";
import { storable } from "./validate.js";
import type { Subject } from "./validate.js";

const maxDepth = 32; // DynamoDB's own limit of a path

/** The actions of an update expression. */
export interface UpdateClauses {
  readonly set: string[];
  readonly remove: string[];
  readonly add: string[];
  readonly delete: string[];
  /** What must hold for the actions to make sense. */
  readonly conditions: string[];
  /** Where sets lie whose change depends on what is stored there now. */
  readonly sets: (readonly string[])[];
}

export function emptyClauses(): UpdateClauses {
  return { set: [], remove: [], add: [], delete: [], conditions: [], sets: [] };
}

export function clausesText(clauses: UpdateClauses): string {
  const sections = [
    ["SET", clauses.set],
    ["REMOVE", clauses.remove],
    ["ADD", clauses.add],
    ["DELETE", clauses.delete],
  ] as const;
  return sections
    .flatMap(([keyword, actions]) => (actions.length > 0 ? [`${keyword} ${actions.join(", ")}`] : []))
    .join(" ");
}

/**
 * The actions of `changes`. `known`: the item as it stands, where that is known; it decides for sets whose empty form is
 * an empty list, to which DynamoDB adds nothing, and which it does not make of a set that becomes empty. Throws
 * `ValidationError`.
 */
export function compileUpdate(
  spec: ModelSpec,
  changes: unknown,
  expression: Expression,
  subject: Subject,
  known: AttributeMap | undefined,
): UpdateClauses {
  const compiler = new UpdateCompiler(expression, known);
  const keys = new Map(spec.keys.map((key) => [key.name, key]));
  const scope: Scope = { find: (name) => keys.get(name) ?? spec.fieldByName.get(name) };
  storable(subject, () => {
    for (const field of [spec.hash, spec.range, spec.createdAt, spec.updatedAt]) {
      const named = field && typeof changes === "object" && changes !== null && Object.hasOwn(changes, field.name);
      if (named) throw new Unstorable("an update cannot change it: it is a key or kept by the library", [field.name]);
    }
    compiler.changes(changes, scope, [], 0);
    for (const [key, value] of compiler.keyValues) checkKeyValue(key, value);
  });
  return compiler.clauses;
}

class UpdateCompiler {
  readonly clauses = emptyClauses();
  /** What keys of indexes are set to. */
  readonly keyValues: [KeyField, AttributeValue][] = [];
  readonly #expression: Expression;
  readonly #known: AttributeMap | undefined;

  constructor(expression: Expression, known: AttributeMap | undefined) {
    this.#expression = expression;
    this.#known = known;
  }

  changes(changes: unknown, scope: Scope, path: readonly string[], depth: number): void {
    if (depth > maxDepth) throw new Unstorable(`an update is nested deeper than ${maxDepth}`);
    if (typeof changes !== "object" || changes === null || Array.isArray(changes) || changes instanceof Operator) {
      throw new Unstorable("expected the changes as an object: { attribute: value }");
    }
    for (const [name, change] of Object.entries(changes)) {
      within(name, () => {
        const place = scope.find(name);
        if (place === undefined) throw new Unstorable("no such attribute in the schema");
        this.#change(change, place, [...path, place.stored], depth);
      });
    }
  }

  /** The placeholders of a path; only what an action names may be in the request. */
  #at(path: readonly string[]): string {
    return path.map((name) => this.#expression.name(name)).join(".");
  }

  #change(change: unknown, place: Place, path: readonly string[], depth: number): void {
    if (change === undefined) throw new Unstorable("a change cannot be undefined: leave it out, or use remove()");
    if (!(change instanceof Operator)) return this.#set(this.#at(path), place, change);
    const { name } = change;
    const [operand] = change.operands;
    if (name === "union" || name === "without") return this.#setElements(name, path, place, operand);
    if (name === "patch") return this.#patch(place, operand, path, depth);
    const at = this.#at(path);
    switch (name) {
      case "add":
        return this.#add(at, place, operand);
      case "remove":
        if (!mayBeAbsent(place)) throw new Unstorable("a required attribute cannot be removed");
        return void this.clauses.remove.push(at);
      case "append":
        return this.#extend(at, place, operand, (list, elements) => `list_append(${list}, ${elements})`);
      case "prepend":
        return this.#extend(at, place, operand, (list, elements) => `list_append(${elements}, ${list})`);
      case "ifAbsent":
        return void this.clauses.set.push(`${at} = if_not_exists(${at}, ${this.#operand(place, operand)})`);
      default:
        throw new Unstorable(`${name}() is a test, not a change`);
    }
  }

  #operand(place: Place, value: unknown): string {
    const encoded = this.#encode(place, value);
    if (encoded === undefined) throw new Unstorable("an empty set cannot stand here");
    return this.#expression.value(encoded);
  }

  #encode(place: Place | KeyField, value: unknown): AttributeValue | undefined {
    const encoded = encodeChecked(place, value);
    if (encoded !== undefined && "maxBytes" in place) this.keyValues.push([place, encoded]);
    return encoded;
  }

  #set(at: string, place: Place, value: unknown): void {
    const encoded = this.#encode(place, value);
    if (encoded === undefined)
      this.clauses.remove.push(at); // an empty set is stored as no attribute
    else this.clauses.set.push(`${at} = ${this.#expression.value(encoded)}`);
  }

  /** A missing number counts as what it reads as: the schema's default, else 0. */
  #add(at: string, { codec, schema }: Place, by: unknown): void {
    const number = innermost(codec, (candidate) => candidate.tags.has("N"));
    const encoded =
      number && (typeof by === "number" || typeof by === "bigint") ? encodeOperand(number, by) : undefined;
    const start = number && encodeStart(number, defaultOf(schema));
    if (encoded?.N === undefined) throw new Unstorable("add() takes a number, for a number");
    if (isInteger(schema) && typeof by === "number" && !Number.isInteger(by))
      throw new Unstorable(`add(${by}) would make an integer a fraction`);
    this.clauses.set.push(
      `${at} = if_not_exists(${at}, ${this.#expression.value(start ?? { N: "0" })}) + ${this.#expression.value(encoded)}`,
    );
  }

  #extend(
    at: string,
    { codec, schema }: Place,
    elements: unknown,
    join: (list: string, elements: string) => string,
  ): void {
    const list = innermost(codec, (candidate) => candidate.tags.has("L") && candidate.anatomy().leaf === undefined);
    if (list === undefined || !Array.isArray(elements))
      throw new Unstorable("append() and prepend() take elements of a list");
    const added = list.encode(checkElements(elements, schema, list.anatomy().element));
    const start = list.encode(defaultOf(schema) ?? []);
    if (added === undefined || start === undefined) return;
    this.clauses.set.push(
      `${at} = ${join(`if_not_exists(${at}, ${this.#expression.value(start)})`, this.#expression.value(added))}`,
    );
  }

  #setElements(change: "union" | "without", path: readonly string[], place: Place, elements: unknown): void {
    const set = innermost(place.codec, (candidate) => candidate.anatomy().leaf === "set");
    if (set === undefined || !Array.isArray(elements)) throw new Unstorable(`${change}() takes elements of a set`);
    const checked = new Set(checkElements(elements, place.schema, set.anatomy().element));
    const encoded = checked.size === 0 ? undefined : set.encode(checked);
    if (encoded === undefined) return;
    const at = this.#at(path);
    if (set.tags.has("L") && this.#replaceSet(change, path, at, encoded)) return;
    this.clauses[change === "union" ? "add" : "delete"].push(`${at} ${this.#expression.value(encoded)}`);
  }

  /** For a set whose empty form is an empty list: whether it was changed by setting it, where it is or becomes empty. */
  #replaceSet(change: "union" | "without", path: readonly string[], at: string, elements: AttributeValue): boolean {
    const { set, conditions, sets } = this.clauses;
    sets.push(path);
    const empty: AttributeValue = { L: [] };
    const stored = valueAt(this.#known, path);
    const size = members(elements).length;
    if (sameAttribute(stored, empty)) {
      conditions.push(`${at} = ${this.#expression.value(empty)}`);
      if (change === "union") set.push(`${at} = ${this.#expression.value(elements)}`);
      return true;
    }
    if (change === "union") return false;
    if (stored !== undefined && members(stored).length > 0 && isWithin(stored, elements)) {
      conditions.push(`${at} = ${this.#expression.value(stored)}`);
      set.push(`${at} = ${this.#expression.value(empty)}`);
      return true;
    }
    // More members than are taken away: it does not become empty. Where fewer are known to be there, they must be these.
    conditions.push(
      stored !== undefined && members(stored).length <= size
        ? `${at} = ${this.#expression.value(stored)}`
        : `(attribute_not_exists(${at}) OR size(${at}) > ${this.#expression.value({ N: String(size) })})`,
    );
    return false;
  }

  #patch({ codec, schema }: Place, changes: unknown, path: readonly string[], depth: number): void {
    const scope = memberScope(codec, schema);
    if (scope === undefined) throw new Unstorable("patch() changes members of a nested object");
    this.changes(changes, scope, path, depth + 1);
  }
}

/** The codec itself, or the member of a nullable one, that fits. */
function innermost(codec: Codec, fits: (codec: Codec) => boolean): Codec | undefined {
  const { options } = codec.anatomy();
  if (options === undefined) return fits(codec) ? codec : undefined;
  return options.map((option) => innermost(option, fits)).find((found) => found !== undefined);
}

function encodeStart(codec: Codec, value: unknown): AttributeValue | undefined {
  return value === undefined ? undefined : codec.encode(value);
}

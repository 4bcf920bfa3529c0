/** Values without a schema: what migrations see, attributes of another type than the schema's, items inside errors. */
import { attributeOf } from "../../dynamodb/attribute.js";
import type { AttributeMap, AttributeValue } from "../../dynamodb/attribute.js";
import { Unstorable, within } from "./codec.js";
import { encodeBigint, encodeNumber, exactBigint, exactNumber } from "./number.js";

/** A number where it fits exactly, else a bigint, else the text. */
function plainNumber(text: string): number | bigint | string {
  return exactNumber(text) ?? exactBigint(text) ?? text;
}

export function decodeDynamic(stored: AttributeValue): unknown {
  if (stored.S !== undefined) return stored.S;
  if (stored.N !== undefined) return plainNumber(stored.N);
  if (stored.BOOL !== undefined) return stored.BOOL;
  if (stored.NULL !== undefined) return null;
  if (stored.B !== undefined) return stored.B;
  if (stored.M !== undefined) return decodeDynamicMap(stored.M);
  if (stored.L !== undefined) return stored.L.map(decodeDynamic);
  if (stored.SS !== undefined) return new Set(stored.SS);
  if (stored.NS !== undefined) return new Set(stored.NS.map(plainNumber));
  if (stored.BS !== undefined) return new Set(stored.BS);
  return undefined;
}

export function decodeDynamicMap(map: AttributeMap): Record<string, unknown> {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, decodeDynamic(value)]));
}

/** Whether a text is a stored number that nothing else holds exactly, as it came out of `decodeDynamic`. */
function isExactText(value: unknown, stored: string | undefined): boolean {
  return typeof value === "string" && value === stored && plainNumber(stored) === stored;
}

function encodeSet(values: ReadonlySet<unknown>, old: AttributeValue | undefined): AttributeValue {
  const members = [...values];
  if (members.length === 0) return { L: [] };
  const wasNumber = (member: unknown): member is string => old?.NS?.some((N) => isExactText(member, N)) ?? false;
  if (members.every((member) => typeof member === "string" && !wasNumber(member))) return { SS: members };
  if (members.every((member) => member instanceof Uint8Array)) return { BS: members };
  const numbers = members.map((member) => (wasNumber(member) ? member : encodeScalar(member)?.N));
  if (numbers.every((text) => text !== undefined)) return { NS: numbers };
  throw new Unstorable("a set holds strings, numbers or bytes, all of one kind");
}

function encodeScalar(value: unknown): AttributeValue | undefined {
  if (typeof value === "string") return { S: value };
  if (typeof value === "number") return { N: encodeNumber(value) };
  if (typeof value === "bigint") return { N: encodeBigint(value) };
  if (typeof value === "boolean") return { BOOL: value };
  if (value === null) return { NULL: true };
  if (value instanceof Date) return { S: value.toISOString() };
  if (value instanceof Uint8Array) return { B: value };
  return undefined;
}

/** `old`: the value in this place before; a number that came out as text, for want of an exact form, stays a number. */
export function encodeDynamic(value: unknown, old?: AttributeValue): AttributeValue {
  if (old?.N !== undefined && isExactText(value, old.N)) return old;
  const scalar = encodeScalar(value);
  if (scalar !== undefined) return scalar;
  if (value instanceof Set) return encodeSet(value, old);
  if (Array.isArray(value))
    return { L: value.map((element, index) => within(index, () => encodeDynamic(element, old?.L?.[index]))) };
  if (typeof value === "object" && value !== null) return { M: encodeDynamicMap(value, old?.M) };
  throw new Unstorable(`a ${typeof value} cannot be stored`);
}

/** Members that are `undefined` are left out. */
export function encodeDynamicMap(values: object, old: AttributeMap = {}): Record<string, AttributeValue> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, within(name, () => encodeDynamic(value, attributeOf(old, name)))]),
  );
}

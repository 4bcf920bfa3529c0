/** How DynamoDB compares stored values. */
import { sameAttribute } from "../dynamodb/attribute.js";
import type { AttributeValue } from "../dynamodb/attribute.js";
import { canonicalNumber, compareNumbers } from "./codec/number.js";

function sameNumber(a: string, b: string): boolean {
  return a === b || canonicalNumber(a) === canonicalNumber(b);
}

/** Whether both are of one type and equal: numbers by value, sets in any order, lists and maps by what they hold. */
export function equalStored(a: AttributeValue | undefined, b: AttributeValue): boolean {
  return sameAttribute(a, b, sameNumber);
}

/** Below zero, zero or above; `undefined` for values of two types, and for those that have no order. */
export function orderStored(a: AttributeValue | undefined, b: AttributeValue): number | undefined {
  if (a?.N !== undefined && b.N !== undefined) return compareNumbers(a.N, b.N);
  // By the bytes of UTF-8: JavaScript's own order, by UTF-16 units, has U+FF5E after what lies beyond U+FFFF.
  if (a?.S !== undefined && b.S !== undefined) return Buffer.compare(Buffer.from(a.S), Buffer.from(b.S));
  if (a?.B !== undefined && b.B !== undefined) return Buffer.compare(a.B, b.B);
  return undefined;
}

/** Whether a text or bytes begin with another. */
export function beginsStored(stored: AttributeValue | undefined, start: AttributeValue): boolean {
  if (stored?.S !== undefined) return start.S !== undefined && stored.S.startsWith(start.S);
  if (stored?.B === undefined || start.B === undefined) return false;
  return Buffer.compare(stored.B.subarray(0, start.B.length), start.B) === 0;
}

/** Whether a text or bytes have another inside, or a set or list an equal element. */
export function containsStored(stored: AttributeValue | undefined, element: AttributeValue): boolean {
  if (stored?.S !== undefined) return element.S !== undefined && stored.S.includes(element.S);
  if (stored?.B !== undefined) return element.B !== undefined && Buffer.from(stored.B).includes(Buffer.from(element.B));
  return elementsOf(stored).some((member) => equalStored(member, element));
}

function elementsOf(stored: AttributeValue | undefined): readonly AttributeValue[] {
  if (stored?.SS !== undefined) return stored.SS.map((S) => ({ S }));
  if (stored?.NS !== undefined) return stored.NS.map((N) => ({ N }));
  if (stored?.BS !== undefined) return stored.BS.map((B) => ({ B }));
  return stored?.L ?? [];
}

import type { AttributeValue } from "@aws-sdk/client-dynamodb";

export type { AttributeValue };

/** An item (or a key) as the SDK's low-level client gives and takes it. */
export type AttributeMap = Readonly<Record<string, AttributeValue>>;

/** An attribute by name, never what every object inherits (`constructor`). */
export function attributeOf(item: AttributeMap, name: string): AttributeValue | undefined {
  return Object.hasOwn(item, name) ? item[name] : undefined;
}

/** What stands at a path of names in an item. */
export function valueAt(item: AttributeMap | undefined, path: readonly string[]): AttributeValue | undefined {
  let map = item;
  let value: AttributeValue | undefined;
  for (const name of path) {
    value = map && attributeOf(map, name);
    map = value?.M;
  }
  return value;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function sameMembers<T>(a: readonly T[], b: readonly T[], same: (x: T, y: T) => boolean): boolean {
  if (a.length !== b.length) return false;
  // Usually in the same order; the search behind it is for sets that come back in another one.
  return a.every((member, index) => {
    const opposite = b[index];
    return (opposite !== undefined && same(member, opposite)) || b.some((other) => same(member, other));
  });
}

type SameText = (a: string, b: string) => boolean;
const sameText: SameText = (a, b) => a === b;

function sameMap(a: AttributeMap, b: AttributeMap, sameNumber: SameText): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => sameAttribute(a[name], attributeOf(b, name), sameNumber))
  );
}

/**
 * Whether two stored values are written alike. Unless told otherwise numbers are compared as text, so `1` and `1.0`
 * differ: it costs one attribute sent again, never a wrong answer.
 */
export function sameAttribute(
  a: AttributeValue | undefined,
  b: AttributeValue | undefined,
  sameNumber: SameText = sameText,
): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  if (a.S !== undefined) return a.S === b.S;
  if (a.N !== undefined) return b.N !== undefined && sameNumber(a.N, b.N);
  if (a.BOOL !== undefined) return a.BOOL === b.BOOL;
  if (a.NULL !== undefined) return b.NULL !== undefined;
  if (a.B !== undefined) return b.B !== undefined && sameBytes(a.B, b.B);
  if (a.M !== undefined) return b.M !== undefined && sameMap(a.M, b.M, sameNumber);
  if (a.L !== undefined) {
    const other = b.L;
    return (
      other?.length === a.L.length && a.L.every((element, index) => sameAttribute(element, other[index], sameNumber))
    );
  }
  if (a.SS !== undefined) return b.SS !== undefined && sameMembers(a.SS, b.SS, sameText);
  if (a.NS !== undefined) return b.NS !== undefined && sameMembers(a.NS, b.NS, sameNumber);
  if (a.BS !== undefined) return b.BS !== undefined && sameMembers(a.BS, b.BS, sameBytes);
  return false;
}

function textBytes(text: string): number {
  return Buffer.byteLength(text);
}

function sum<T>(elements: readonly T[], size: (element: T) => number): number {
  let total = 0;
  for (const element of elements) total += size(element);
  return total;
}

// Half a byte for two digits, one for the exponent, one for a sign: DynamoDB's own rule, rounded up.
const numberBytes = (text: string): number => Math.ceil(text.length / 2) + 2;

/** The size in bytes as DynamoDB counts it towards the 400 KB of an item (numbers rounded up). */
export function attributeBytes(value: AttributeValue): number {
  if (value.S !== undefined) return textBytes(value.S);
  if (value.N !== undefined) return numberBytes(value.N);
  if (value.B !== undefined) return value.B.length;
  if (value.M !== undefined) return 3 + itemBytes(value.M) + Object.keys(value.M).length;
  if (value.L !== undefined) return 3 + sum(value.L, (element) => 1 + attributeBytes(element));
  if (value.SS !== undefined) return sum(value.SS, textBytes);
  if (value.NS !== undefined) return sum(value.NS, numberBytes);
  if (value.BS !== undefined) return sum(value.BS, (bytes) => bytes.length);
  return 1;
}

/** The size in bytes of a whole item: names and values. */
export function itemBytes(item: AttributeMap): number {
  return sum(Object.keys(item), (name) => {
    const value = item[name];
    return value === undefined ? 0 : textBytes(name) + attributeBytes(value);
  });
}

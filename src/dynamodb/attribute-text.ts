/** Attributes as text, for what is stored inside another attribute: bytes become base64, nothing else changes. */
import type { AttributeMap, AttributeValue } from "./attribute.js";

const toText = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");

/** An attribute in which bytes are base64 text: what `JSON.stringify` can carry. */
function plain(value: AttributeValue): object {
  if (value.B !== undefined) return { B: toText(value.B) };
  if (value.BS !== undefined) return { BS: value.BS.map(toText) };
  if (value.L !== undefined) return { L: value.L.map(plain) };
  if (value.M !== undefined) return { M: plainMap(value.M) };
  return value;
}

/** A map without a prototype, so that any attribute name is an entry. */
function mapped<From, To>(from: Readonly<Record<string, From>>, change: (value: From) => To): Record<string, To> {
  const made: Record<string, To> = Object.create(null);
  for (const [name, value] of Object.entries(from)) made[name] = change(value);
  return made;
}

/** Attributes in which bytes are base64 text. */
export function plainMap(map: AttributeMap): object {
  return mapped(map, plain);
}

/** What `plain` makes of an attribute. */
interface PlainAttribute {
  readonly B?: string;
  readonly BS?: readonly string[];
  readonly L?: readonly PlainAttribute[];
  readonly M?: Readonly<Record<string, PlainAttribute>>;
}

function restored(value: PlainAttribute): AttributeValue {
  if (value.B !== undefined) return { B: Buffer.from(value.B, "base64") };
  if (value.BS !== undefined) return { BS: value.BS.map((text) => Buffer.from(text, "base64")) };
  if (value.L !== undefined) return { L: value.L.map(restored) };
  if (value.M !== undefined) return { M: mapped(value.M, restored) };
  return value as AttributeValue; // true: `plain` left every other kind as it was
}

/** The attributes that `plainMap` made plain. */
export function restoredMap(map: Readonly<Record<string, object>>): AttributeMap {
  return mapped(map, restored);
}

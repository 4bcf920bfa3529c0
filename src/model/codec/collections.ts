import { attributeOf, sameAttribute } from "../../dynamodb/attribute.js";
import type { AttributeMap, AttributeValue } from "../../dynamodb/attribute.js";
import { Unstorable, within } from "./codec.js";
import type { Codec, Tag } from "./codec.js";
import { decodeDynamic } from "./dynamic.js";
import { encodeOver, standsFor } from "./over.js";

/**
 * A set. DynamoDB has no empty set, so an empty one is left out where its absence reads as empty (`absentIsEmpty`), and
 * is an empty list elsewhere.
 */
export function setCodec(element: Codec, absentIsEmpty: boolean): Codec {
  const [elementTag] = element.tags;
  // The caller checked that elements are stored as S, N or B.
  const tag = `${elementTag}S` as "SS" | "NS" | "BS";
  const tags = new Set<Tag>(absentIsEmpty ? [tag] : [tag, "L"]);
  return {
    tags,
    anatomy: () => ({ leaf: "set", element }),
    ...(absentIsEmpty && { absent: () => new Set() }),
    accepts: (value) => value instanceof Set && [...value].every((member) => element.accepts(member)),
    encode(value) {
      if (!(value instanceof Set)) throw new Unstorable("expected a set");
      if (value.size === 0) return absentIsEmpty ? undefined : { L: [] };
      const members = [...value].map((member) => element.encode(member));
      if (tag === "SS") return { SS: members.map((member) => member?.S ?? "") };
      if (tag === "NS") return { NS: members.map((member) => member?.N ?? "") };
      return { BS: members.map((member) => member?.B ?? new Uint8Array()) };
    },
    decode(stored) {
      if (stored.SS !== undefined) return new Set(stored.SS.map((S) => element.decode({ S })));
      if (stored.NS !== undefined) return new Set(stored.NS.map((N) => element.decode({ N })));
      if (stored.BS !== undefined) return new Set(stored.BS.map((B) => element.decode({ B })));
      return stored.L?.length === 0 ? new Set() : decodeDynamic(stored);
    },
  };
}

function encodeElement(codec: Codec, value: unknown, index: number): AttributeValue {
  return within(index, () => {
    const encoded = codec.encode(value);
    if (encoded === undefined) throw new Unstorable("an element of a list cannot be undefined");
    return encoded;
  });
}

/** A list whose elements have the codecs `items` in order, then all `rest`. Elements that are stored already stay as they are. */
export function listCodec(items: readonly Codec[], rest: Codec | undefined, union: Codec | undefined): Codec {
  const at = (index: number): Codec => {
    const codec = items[index] ?? rest;
    if (codec === undefined) throw new Unstorable(`a tuple of ${items.length} has no element ${index}`);
    return codec;
  };
  return {
    tags: new Set(["L"]),
    anatomy: () => (union === undefined ? {} : { element: union }),
    accepts: (value) => Array.isArray(value),
    encode(value, old) {
      if (!Array.isArray(value)) throw new Unstorable("expected an array");
      const before = old?.L ?? [];
      const shift = before.length - value.length;
      return {
        L: value.map((element, index) => {
          const encoded = encodeElement(at(index), element, index);
          // An element has no name by which to find it again: it is looked for from the start and from the end.
          const [first, last] = [before[index], before[index + shift]];
          if (sameAttribute(first, encoded)) return encoded;
          const kept = [first, last].find((stored) => stored !== undefined && standsFor(at(index), stored, encoded));
          return kept ?? encoded;
        }),
      };
    },
    decode(stored) {
      if (stored.L === undefined) return decodeDynamic(stored);
      return stored.L.map((element, index) =>
        within(index, () => (items[index] ?? rest)?.decode(element) ?? decodeDynamic(element)),
      );
    },
  };
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Date) &&
    !(value instanceof Set) &&
    !ArrayBuffer.isView(value)
  );
}

/** Nested objects: named members, and members of any other name by `rest`. Unknown stored members are carried over. */
export function objectCodec(known: ReadonlyMap<string, Codec>, rest: Codec | undefined): Codec {
  return {
    tags: new Set(["M"]),
    anatomy: () => ({ members: known, ...(rest && { element: rest }) }),
    accepts: isPlainObject,
    encode(value, old) {
      if (!isPlainObject(value)) throw new Unstorable("expected an object");
      const M: Record<string, AttributeValue> = {};
      if (old?.M !== undefined && rest === undefined) carryUnknown(old.M, known, M);
      for (const name of Object.keys(value)) {
        const codec = known.get(name) ?? rest;
        if (codec === undefined || value[name] === undefined) continue;
        if (name === "") throw new Unstorable("a member's name cannot be empty");
        const encoded = within(name, () => encodeOver(codec, value[name], old?.M && attributeOf(old.M, name)));
        if (encoded !== undefined) M[name] = encoded;
      }
      return { M };
    },
    decode(stored) {
      if (stored.M === undefined) return decodeDynamic(stored);
      return decodeMembers(stored.M, known, rest);
    },
  };
}

function carryUnknown(
  old: AttributeMap,
  known: ReadonlyMap<string, Codec>,
  into: Record<string, AttributeValue>,
): void {
  for (const name of Object.keys(old)) {
    const value = old[name];
    if (!known.has(name) && value !== undefined) into[name] = value;
  }
}

function decodeMembers(
  stored: AttributeMap,
  known: ReadonlyMap<string, Codec>,
  rest: Codec | undefined,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const name of Object.keys(stored)) {
    const value = stored[name];
    const codec = known.get(name) ?? rest;
    if (codec === undefined || value === undefined || name === "__proto__") continue; // zod drops that name too
    values[name] = within(name, () => codec.decode(value));
  }
  for (const [name, codec] of known) {
    if (codec.absent !== undefined && !Object.hasOwn(stored, name)) values[name] = codec.absent();
  }
  return values;
}

/** Two objects in one: each side encodes what it knows. */
export function intersectionCodec(left: Codec, right: Codec): Codec {
  return {
    tags: new Set(["M"]),
    anatomy() {
      const [ours, theirs] = [left.anatomy(), right.anatomy()];
      const element = ours.element ?? theirs.element;
      return { members: new Map([...(ours.members ?? []), ...(theirs.members ?? [])]), ...(element && { element }) };
    },
    accepts: (value) => left.accepts(value) && right.accepts(value),
    encode(value, old) {
      const [ours, theirs] = [left.encode(value, old)?.M ?? {}, right.encode(value, old)?.M ?? {}];
      const M: Record<string, AttributeValue> = {};
      for (const name of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
        // Each side carries over what it does not know, so the old value of a member that the other side has changed.
        const encoded = knows(left, name) && !knows(right, name) ? ours[name] : theirs[name];
        if (encoded !== undefined) M[name] = encoded;
      }
      return { M };
    },
    decode(stored) {
      if (stored.M === undefined) return decodeDynamic(stored);
      // Both sides decode M into a plain object.
      return Object.assign({}, left.decode(stored), right.decode(stored));
    },
  };
}

function knows(codec: Codec, name: string): boolean {
  const { members, element } = codec.anatomy();
  return element !== undefined || (members?.has(name) ?? false);
}

/** What conditions and updates may name, and the stored form of the values they compare with. */
import type { $ZodType } from "zod/v4/core";
import type { AttributeValue } from "../dynamodb/attribute.js";
import { Unstorable } from "./codec/codec.js";
import type { Codec } from "./codec/codec.js";
import { memberSchema } from "./schema-parts.js";
import type { ModelSpec } from "./spec.js";

/** The names that may be tested at one level, and how each is stored. */
export interface Scope {
  find(name: string): Place | undefined;
}

/** One attribute or member; the schema where a value for it can be validated by itself. */
export interface Place {
  readonly stored: string;
  readonly codec: Codec;
  readonly schema: $ZodType | undefined;
}

export function itemScope(spec: ModelSpec): Scope {
  return { find: (name) => spec.fieldByName.get(name) };
}

export function memberScope(codec: Codec, schema: $ZodType | undefined): Scope | undefined {
  const { members, element, leaf, options } = codec.anatomy();
  if (options !== undefined) {
    const scopes = options.map((option) => memberScope(option, undefined)).filter((scope) => scope !== undefined);
    if (scopes.length === 0) return undefined;
    return { find: (name) => scopes.map((scope) => scope.find(name)).find((found) => found !== undefined) };
  }
  if (leaf !== undefined || (members === undefined && element === undefined)) return undefined;
  return {
    find(name) {
      const member = members?.get(name) ?? element;
      return member && { stored: name, codec: member, schema: memberSchema(schema, name) };
    },
  };
}

/** A value in its stored form, through the codec's output side. Throws `Unstorable`. */
export function encodeOperand(codec: Codec, value: unknown): AttributeValue | undefined {
  if (value === undefined) throw new Unstorable("a value is missing: use exists() or notExists() to test for presence");
  const input = codec.unwrap === undefined ? value : codec.unwrap(value);
  if (!codec.accepts(input)) throw new Unstorable("the value is not of the attribute's type");
  return codec.encode(input);
}

/** What an attribute can contain: a part of a text, an element of a set or list. */
export function elementCodec(codec: Codec): Codec {
  const { leaf, element, options } = codec.anatomy();
  if (leaf === "string") return codec;
  if (element !== undefined) return element;
  const inner = options?.find((option) => option.anatomy().element ?? option.anatomy().leaf === "string");
  if (inner === undefined) throw new Unstorable("contains() tests texts, sets and lists");
  return elementCodec(inner);
}

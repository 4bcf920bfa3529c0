import { safeParse } from "zod/v4/core";
import type { $ZodType } from "zod/v4/core";
import type { AttributeValue } from "../../dynamodb/attribute.js";
import { Unstorable, tagOf } from "./codec.js";
import type { Anatomy, Codec, Tag } from "./codec.js";
import { decodeDynamic } from "./dynamic.js";

/** One member of a union: how it is stored, and the schema that tells whether a value is one. */
export interface Option {
  readonly codec: Codec;
  /** Absent for codecs that decide by themselves (literals). */
  readonly schema?: $ZodType;
}

function fits({ schema }: Option, value: unknown): boolean {
  return schema === undefined || safeParse(schema, value).success;
}

export function unionCodec(options: readonly Option[]): Codec {
  const [only] = options;
  if (options.length === 1 && only !== undefined) return only.codec;
  const byTag = new Map<Tag, Option[]>();
  for (const option of options) {
    for (const tag of option.codec.tags) byTag.set(tag, [...(byTag.get(tag) ?? []), option]);
  }
  return {
    tags: new Set(byTag.keys()),
    anatomy: () => ({ options: options.map(({ codec }) => codec) }),
    accepts: (value) => options.some(({ codec }) => codec.accepts(value)),
    encode(value) {
      const able = options.filter(({ codec }) => codec.accepts(value));
      const option = able.length === 1 ? able[0] : able.find((candidate) => fits(candidate, value));
      if (option === undefined) throw new Unstorable("the value is none of the union's members");
      return option.codec.encode(value); // without what was stored: it may have been another member
    },
    decode(stored) {
      const tag = tagOf(stored);
      const able = (tag && byTag.get(tag)) ?? [];
      if (able.length === 1 && able[0] !== undefined) return able[0].codec.decode(stored);
      return decodeFirst(able, stored);
    },
  };
}

function decodeFirst(options: readonly Option[], stored: AttributeValue): unknown {
  for (const option of options) {
    const value = option.codec.decode(stored);
    if (option.codec.accepts(value) && fits(option, value)) return value;
  }
  return options[0]?.codec.decode(stored) ?? decodeDynamic(stored);
}

/** Whether some stored value could be read as either, with different results. */
export function confusable(a: Codec, b: Codec, depth = 0): boolean {
  if (depth > 8 || a === b) return false; // a recursive schema: what differs shows above
  if (![...a.tags].some((tag) => b.tags.has(tag))) return false;
  const left = a.anatomy();
  const right = b.anatomy();
  if (left.options) return left.options.some((option) => confusable(option, b, depth + 1));
  if (right.options) return right.options.some((option) => confusable(a, option, depth + 1));
  if (left.leaf || right.leaf) return confusableLeaves(left, right, depth);
  if (left.members && right.members) return confusableMembers(left.members, right.members, depth);
  const ours = elements(left);
  const theirs = elements(right);
  return ours.some((one) => theirs.some((other) => confusable(one, other, depth + 1)));
}

function elements({ members, element }: Anatomy): readonly Codec[] {
  return [...(members?.values() ?? []), ...(element ? [element] : [])];
}

function confusableLeaves(left: Anatomy, right: Anatomy, depth: number): boolean {
  // An empty set is stored as an empty list, so a set beside a list cannot be told from it when empty.
  if (left.leaf !== right.leaf) return left.values === undefined && right.values === undefined;
  return (
    left.leaf === "set" &&
    left.element !== undefined &&
    right.element !== undefined &&
    confusable(left.element, right.element, depth + 1)
  );
}

/** Objects are told apart by a member whose listed values have nothing in common, as the tag of a discriminated union. */
function confusableMembers(
  left: ReadonlyMap<string, Codec>,
  right: ReadonlyMap<string, Codec>,
  depth: number,
): boolean {
  const common = [...left].flatMap(([name, codec]) => {
    const opposite = right.get(name);
    return opposite === undefined ? [] : [[codec, opposite] as const];
  });
  const apart = common.some(([one, other]) => {
    const { values } = one.anatomy();
    const theirs = other.anatomy().values;
    return values !== undefined && theirs !== undefined && ![...values].some((value) => theirs.has(value));
  });
  return !apart && common.some(([one, other]) => confusable(one, other, depth + 1));
}

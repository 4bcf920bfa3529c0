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
  let table: ReadonlyMap<Tag, readonly Option[]> | undefined;
  // Made on first use: a member may be a lazy schema that is still being compiled.
  const byTag = (tag: Tag | undefined): readonly Option[] => (tag && (table ??= tabulate(options)).get(tag)) ?? [];
  return {
    get tags() {
      return new Set((table ??= tabulate(options)).keys());
    },
    anatomy: () => ({ options: options.map(({ codec }) => codec) }),
    accepts: (value) => options.some(({ codec }) => codec.accepts(value)),
    encode(value, old) {
      const able = options.filter(({ codec }) => codec.accepts(value));
      const option = able.length === 1 ? able[0] : able.find((candidate) => fits(candidate, value));
      if (option === undefined) throw new Unstorable("the value is none of the union's members");
      // What was stored may have been another member, whose own parts must not be carried over.
      const same = old !== undefined && byTag(tagOf(old)).every((candidate) => candidate === option);
      return option.codec.encode(value, same ? old : undefined);
    },
    decode(stored) {
      const able = byTag(tagOf(stored));
      if (able.length === 1 && able[0] !== undefined) return able[0].codec.decode(stored);
      return decodeFirst(able, stored);
    },
  };
}

function tabulate(options: readonly Option[]): ReadonlyMap<Tag, readonly Option[]> {
  const byTag = new Map<Tag, Option[]>();
  for (const option of options) {
    for (const tag of option.codec.tags) byTag.set(tag, [...(byTag.get(tag) ?? []), option]);
  }
  return byTag;
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
  if (left.leaf || right.leaf) return confusableLeaves(a, b, depth);
  if (left.members && right.members) return confusableMembers(left, right, depth);
  if (left.converter !== right.converter) return true;
  const ours = elements(left);
  const theirs = elements(right);
  return ours.some((one) => theirs.some((other) => confusable(one, other, depth + 1)));
}

function elements({ members, element }: Anatomy): readonly Codec[] {
  return [...(members?.values() ?? []), ...(element ? [element] : [])];
}

function confusableLeaves(a: Codec, b: Codec, depth: number): boolean {
  const left = a.anatomy();
  const right = b.anatomy();
  // An empty set is stored as an empty list, so a set beside a list cannot be told from it when empty.
  if (left.leaf !== right.leaf || left.converter !== right.converter) {
    if (left.values === undefined && right.values === undefined) return true;
    return readsAs(left.values, a, b) || readsAs(right.values, b, a);
  }
  return (
    left.leaf === "set" &&
    left.element !== undefined &&
    right.element !== undefined &&
    confusable(left.element, right.element, depth + 1)
  );
}

/** Whether one of the listed values of one codec is, as stored, a value of the other. */
function readsAs(values: ReadonlySet<unknown> = new Set(), codec: Codec, other: Codec): boolean {
  const { converter } = other.anatomy();
  return [...values].some((value) => {
    const stored = codec.encode(value);
    const read = stored && other.decode(stored);
    return other.accepts(read) && (converter === undefined || fits({ codec: other, schema: converter }, read));
  });
}

/** Objects are told apart by a member whose listed values have nothing in common, as the tag of a discriminated union. */
function confusableMembers(left: Anatomy, right: Anatomy, depth: number): boolean {
  const names = new Set([...(left.members?.keys() ?? []), ...(right.members?.keys() ?? [])]);
  const pairs = [...names].map((name) => [memberOf(left, name), memberOf(right, name)] as const);
  const common = [...pairs, [left.element, right.element] as const].flatMap(([one, other]) =>
    one === undefined || other === undefined ? [] : [[one, other] as const],
  );
  const apart = common.some(([one, other]) => {
    const { values } = one.anatomy();
    const theirs = other.anatomy().values;
    return values !== undefined && theirs !== undefined && ![...values].some((value) => theirs.has(value));
  });
  if (apart) return false;
  return left.converter !== right.converter || common.some(([one, other]) => confusable(one, other, depth + 1));
}

/** What an object holds under a name: the member it lists, or what it has under all other names. */
function memberOf({ members, element }: Anatomy, name: string): Codec | undefined {
  return members?.get(name) ?? element;
}

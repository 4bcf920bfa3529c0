import type { $ZodType } from "zod/v4/core";
import type { AttributeValue } from "../../dynamodb/attribute.js";

/** The name under which DynamoDB keeps a value's type. */
export type Tag = "S" | "N" | "B" | "BOOL" | "NULL" | "M" | "L" | "SS" | "NS" | "BS";

/** The kinds of values that are stored alike and must be told apart when two schemas share an attribute. */
export type LeafKind = "string" | "date" | "number" | "bigint" | "bytes" | "boolean" | "null" | "set";

/** What a codec is made of, for telling the members of a union apart. */
export interface Anatomy {
  readonly leaf?: LeafKind;
  /** All values it can take, where they are listed (literals, enums). */
  readonly values?: ReadonlySet<unknown>;
  readonly members?: ReadonlyMap<string, Codec>;
  /** Elements of a list, values of a record. */
  readonly element?: Codec;
  readonly options?: readonly Codec[];
  /** The z.codec() between what is stored and what instances hold. */
  readonly converter?: $ZodType;
}

/** Turns values of one schema into DynamoDB's form and back. Compiled once for each model. */
export interface Codec {
  /** The types its values are stored as. */
  readonly tags: ReadonlySet<Tag>;
  readonly anatomy: () => Anatomy;
  /** Whether the value is of this codec's kind at all (its schema may still refuse it). */
  accepts(value: unknown): boolean;
  /**
   * The stored form of a value that its schema has accepted; `undefined` leaves the attribute out. `old`: what is
   * stored now, whose members that the schema does not know are carried over. Throws `Unstorable`.
   */
  encode(value: unknown, old?: AttributeValue): AttributeValue | undefined;
  /** For schemas with a z.codec() inside: from what instances hold to what `encode` takes. Throws `Unstorable`. */
  readonly unwrap?: (value: unknown) => unknown;
  /** The value of an attribute that is not there; without it, `undefined`. */
  readonly absent?: () => unknown;
  /** The value of a stored attribute, in a plain form where its type is not the schema's. Throws `Unstorable`. */
  decode(stored: AttributeValue): unknown;
}

/** A value DynamoDB (or JavaScript) cannot hold, with the place in the item. Becomes a `ValidationError`. */
export class Unstorable extends Error {
  readonly path: PropertyKey[];

  constructor(message: string, path: PropertyKey[] = []) {
    super(message);
    this.path = path;
  }
}

/** Runs one step of a walk; what it throws gets `at` put before its path. */
export function within<T>(at: PropertyKey, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (error instanceof Unstorable) error.path.unshift(at);
    throw error;
  }
}

/** The tag of a stored value. */
export function tagOf(stored: AttributeValue): Tag | undefined {
  for (const tag in stored) {
    // AttributeValue is a union of one-member objects whose member names are the tags (and `$unknown`).
    if (tag !== "$unknown") return tag as Tag;
  }
  return undefined;
}

/** Whether values of this codec are, or may be, dates. */
export function holdsDates({ anatomy }: Codec): boolean {
  const { leaf, options } = anatomy();
  return leaf === "date" || (options?.some(holdsDates) ?? false);
}

import type { AttributeValue } from "../../dynamodb/attribute.js";
import { Unstorable } from "./codec.js";
import type { Anatomy, Codec, LeafKind, Tag } from "./codec.js";
import { decodeDynamic } from "./dynamic.js";
import { decodeNumber, encodeBigint, encodeNumber, exactBigint } from "./number.js";

interface Scalar<V> {
  readonly leaf: LeafKind;
  readonly tag: Tag;
  readonly is: (value: unknown) => value is V;
  readonly encode: (value: V) => AttributeValue;
  /** `undefined`: not of this type. */
  readonly decode: (stored: AttributeValue) => V | undefined;
}

function scalar<V>({ leaf, tag, is, encode, decode }: Scalar<V>, values?: ReadonlySet<unknown>): Codec {
  const anatomy: Anatomy = values === undefined ? { leaf } : { leaf, values };
  return {
    tags: new Set([tag]),
    anatomy: () => anatomy,
    accepts: (value) => is(value) && (values === undefined || values.has(value)),
    encode(value) {
      if (!is(value)) throw new Unstorable(`expected a ${leaf}`);
      return encode(value);
    },
    decode: (stored) => decode(stored) ?? decodeDynamic(stored),
  };
}

const isString = (value: unknown): value is string => typeof value === "string";
const isNumber = (value: unknown): value is number => typeof value === "number";

const stringScalar: Scalar<string> = {
  leaf: "string",
  tag: "S",
  is: isString,
  encode: (S) => ({ S }),
  decode: ({ S }) => S,
};
const numberScalar: Scalar<number> = {
  leaf: "number",
  tag: "N",
  is: isNumber,
  encode: (value) => ({ N: encodeNumber(value) }),
  decode: ({ N }) => (N === undefined ? undefined : decodeNumber(N)),
};

export const stringCodec = scalar(stringScalar);
export const numberCodec = scalar(numberScalar);

const bigintScalar: Scalar<bigint> = {
  leaf: "bigint",
  tag: "N",
  is: (value) => typeof value === "bigint",
  encode: (value) => ({ N: encodeBigint(value) }),
  decode: ({ N }) => (N === undefined ? undefined : exactBigint(N)),
};
const booleanScalar: Scalar<boolean> = {
  leaf: "boolean",
  tag: "BOOL",
  is: (value) => typeof value === "boolean",
  encode: (BOOL) => ({ BOOL }),
  decode: ({ BOOL }) => BOOL,
};

export const bigintCodec = scalar(bigintScalar);
export const booleanCodec = scalar(booleanScalar);

export const nullCodec = scalar<null>({
  leaf: "null",
  tag: "NULL",
  is: (value) => value === null,
  encode: () => ({ NULL: true }),
  decode: () => undefined, // the plain form of NULL is null already
});

const isoDate = /^\d{4}-\d{2}-\d{2}($|T)/;

/** ISO-8601 text, which sorts by time from the year 0 to 9999. */
export const dateCodec = scalar<Date>({
  leaf: "date",
  tag: "S",
  is: (value) => value instanceof Date,
  encode(value) {
    if (Number.isNaN(value.getTime())) throw new Unstorable("an invalid date cannot be stored");
    const S = value.toISOString();
    if (S.length !== "0000-00-00T00:00:00.000Z".length)
      throw new Unstorable(`${S} cannot be stored: dates go from the year 0 to 9999`);
    return { S };
  },
  decode({ S }) {
    if (S === undefined || !isoDate.test(S)) return undefined; // Date itself reads any text with a number in it
    const date = new Date(S);
    return Number.isNaN(date.getTime()) ? undefined : date;
  },
});

/** Seconds since the epoch, the form DynamoDB's expiry needs. Fractions of a second are dropped. */
export const expiryCodec = scalar<Date>({
  leaf: "date",
  tag: "N",
  is: (value) => value instanceof Date,
  encode: (value) => ({ N: encodeNumber(Math.floor(value.getTime() / 1000)) }),
  decode: ({ N }) => (N === undefined ? undefined : new Date(decodeNumber(N) * 1000)),
});

export function bytesCodec(asBuffer: boolean): Codec {
  return scalar<Uint8Array>({
    leaf: "bytes",
    tag: "B",
    is: (value) => value instanceof Uint8Array,
    // Copies both ways: instances may change their bytes in place, and what was read must stay as it was read.
    encode: (value) => ({ B: new Uint8Array(value) }),
    decode: ({ B }) => B && (asBuffer ? Buffer.from(B) : new Uint8Array(B)),
  });
}

/** Literals and enums of one primitive type each. */
export function literalCodecs(values: Iterable<unknown>): Codec[] {
  const all = new Set(values);
  const of = (is: (value: unknown) => boolean): Set<unknown> => new Set([...all].filter(is));
  const strings = of(stringScalar.is);
  const numbers = of(numberScalar.is);
  const bigints = of(bigintScalar.is);
  const booleans = of(booleanScalar.is);
  const codecs: Codec[] = [];
  if (strings.size > 0) codecs.push(scalar(stringScalar, strings));
  if (numbers.size > 0) codecs.push(scalar(numberScalar, numbers));
  if (bigints.size > 0) codecs.push(scalar(bigintScalar, bigints));
  if (booleans.size > 0) codecs.push(scalar(booleanScalar, booleans));
  if (all.has(null)) codecs.push(nullCodec);
  return codecs;
}

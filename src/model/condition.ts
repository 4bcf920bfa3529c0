import { Operator } from "./operator.js";
import type { Inherited } from "./schema-types.js";

// Symbols, so that editors do not offer these members. Each kind of test is an interface of its own, covariant in the
// value, so that a mistake reads as one line: `Ordered<string>` is not assignable to ...
declare const equals: unique symbol;
declare const differs: unique symbol;
declare const ordered: unique symbol;
declare const prefix: unique symbol;
declare const holds: unique symbol;
declare const presence: unique symbol;
declare const combined: unique symbol;

export interface Equals<out V> {
  readonly [equals]: V;
}
export interface Differs<out V> {
  readonly [differs]: V;
}
export interface Ordered<out V> {
  readonly [ordered]: V;
}
export interface Prefix<out V> {
  readonly [prefix]: V;
}
export interface Contains<out E> {
  readonly [holds]: E;
}
export interface Presence {
  readonly [presence]: true;
}
/** `and`, `or` or `not` over whole conditions, or over the tests of one attribute. */
export interface Combined<out C> {
  readonly [combined]: C;
}

type Scalar = string | number | bigint | boolean | null | Date | Uint8Array;
type KindTest<V> = V extends string | Uint8Array
  ? Ordered<V> | Prefix<V extends string ? string : Uint8Array> | (V extends string ? Contains<string> : never)
  : V extends number | bigint | Date
    ? Ordered<V>
    : V extends Scalar
      ? never
      : V extends readonly (infer E)[]
        ? Contains<E>
        : V extends ReadonlySet<infer E>
          ? Contains<E>
          : V extends object
            ? FieldTests<V>
            : never;

/** What may be asked of an attribute of type V. */
export type Test<V> = Equals<V> | Differs<V> | Presence | KindTest<V> | Combined<Test<V>>;
/** A test for each attribute named; all must hold. Members of nested objects are named the same way. */
export type FieldTests<F> = { readonly [K in keyof F]?: Test<Exclude<F[K], undefined>> | Inherited<K> };
/** A condition over an item: tests by attribute, or `and`, `or`, `not` of conditions. */
export type Condition<F> = FieldTests<F> | Combined<Condition<F>>;
/** What a query may ask of a range key. */
export type RangeTest<V> =
  Equals<V> | Ordered<V> | (V extends string ? Prefix<string> : V extends Uint8Array ? Prefix<Uint8Array> : never);

// The types above exist only for the compiler; every function returns an Operator.
function operator(name: string, ...operands: readonly unknown[]): never {
  return new Operator(name, operands) as never;
}

/** The attribute is there and equal to `value`; sets are equal whatever their order. */
export const eq = <const V>(value: V): Equals<V> => operator("eq", value);
/** The attribute is not there, or not equal to `value`. */
export const ne = <const V>(value: V): Differs<V> => operator("ne", value);
/** The attribute equals one of the values (any number of them; none: never holds). */
export const isIn = <const V>(values: Iterable<V>): Differs<V> => operator("in", [...values]);
/** Below `value`; text and bytes by their bytes, dates by time. */
export const lt = <const V>(value: V): Ordered<V> => operator("lt", value);
/** At most `value`. */
export const le = <const V>(value: V): Ordered<V> => operator("le", value);
/** Above `value`. */
export const gt = <const V>(value: V): Ordered<V> => operator("gt", value);
/** At least `value`. */
export const ge = <const V>(value: V): Ordered<V> => operator("ge", value);
/** From `from` to `to`, both included. */
export const between = <const V>(from: V, to: V): Ordered<V> => operator("between", from, to);
/** Text or bytes that begin so. */
export const beginsWith = <V extends string | Uint8Array>(start: V): Prefix<V extends string ? string : Uint8Array> =>
  operator("beginsWith", start);
/** Text that contains a text, a set or list that contains an element. */
export const contains = <const E>(element: E): Contains<E> => operator("contains", element);
/** The attribute is there. */
export const exists = (): Presence => operator("exists");
/** The attribute is not there. */
export const notExists = (): Presence => operator("notExists");
/** All hold. */
export const and = <C>(...conditions: readonly NoInfer<C>[]): Combined<C> => operator("and", ...conditions);
/** At least one holds. */
export const or = <C>(...conditions: readonly NoInfer<C>[]): Combined<C> => operator("or", ...conditions);
/** It does not hold. */
export const not = <C>(condition: NoInfer<C>): Combined<C> => operator("not", condition);

import { Operator } from "./operator.js";
import type { Inherited } from "./schema-types.js";

declare const added: unique symbol;
declare const removed: unique symbol;
declare const appended: unique symbol;
declare const setChanged: unique symbol;
declare const ifAbsentValue: unique symbol;
declare const patched: unique symbol;

export interface Add<out V> {
  readonly [added]: V;
}
export interface Remove {
  readonly [removed]: true;
}
export interface Append<out E> {
  readonly [appended]: E;
}
export interface SetChange<out E> {
  readonly [setChanged]: E;
}
export interface IfAbsent<out V> {
  readonly [ifAbsentValue]: V;
}
/** Changes to some members of a nested object; the others stay. */
export interface Patch<out P> {
  readonly [patched]: P;
}

type Scalar = string | boolean | null | Date | Uint8Array;
type KindChange<V> = V extends number
  ? Add<number>
  : V extends bigint
    ? Add<bigint>
    : V extends Scalar
      ? never
      : V extends readonly (infer E)[]
        ? Append<E>
        : V extends ReadonlySet<infer E>
          ? SetChange<E>
          : V extends object
            ? Patch<Changes<V>>
            : never;
/** What may become of an attribute of type V: a plain value sets it. */
export type Change<V> = V | IfAbsent<V> | KindChange<V>;
/** Says at an update that keys, and what the library keeps by itself, stay as they are. */
export interface NotChangeable<Name> {
  readonly "an update cannot change this attribute": Name;
}
/** The changes `update` takes, never of the key. Homomorphic, so that only the members that are named cost the compiler anything. */
export type Changes<F, Key = never> = {
  readonly [K in keyof F]?: K extends Key
    ? NotChangeable<K> | Inherited<K>
    : Change<Exclude<F[K], undefined>> | (undefined extends F[K] ? Remove : never) | Inherited<K>;
};

function operator(name: string, ...operands: readonly unknown[]): never {
  return new Operator(name, operands) as never;
}

/** Adds to a number (a negative one subtracts); an attribute that is not there counts as 0. */
export const add = <V extends number | bigint>(by: V): Add<V extends number ? number : bigint> => operator("add", by);
/** Removes an optional attribute. */
export const remove = (): Remove => operator("remove");
/** Puts elements at the end of a list; one that is not there counts as empty. */
export const append = <const E>(...elements: readonly E[]): Append<E> => operator("append", elements);
/** Puts elements at the start of a list; one that is not there counts as empty. */
export const prepend = <const E>(...elements: readonly E[]): Append<E> => operator("prepend", elements);
/** Adds elements to a set. */
export const union = <const E>(elements: Iterable<E>): SetChange<E> => operator("union", [...elements]);
/** Takes elements out of a set. */
export const without = <const E>(elements: Iterable<E>): SetChange<E> => operator("without", [...elements]);
/** Sets the attribute where it is not there. */
export const ifAbsent = <const V>(value: V): IfAbsent<V> => operator("ifAbsent", value);
/** Changes some members of a nested object and leaves the others. The object must be there. */
export const patch = <P>(changes: NoInfer<P>): Patch<P> => operator("patch", changes);

/**
 * What the types of models read from a zod schema. Schemas are named by the few properties that are needed: comparing
 * whole zod types, or inferring through a conditional type, would examine each schema again for each use.
 */

/** Names that instances or the library use themselves: an attribute cannot have them. */
export type ReservedName = "save" | "delete" | "reload" | "toJSON" | "_v" | "_tx";

/** The kinds of zod schema without a stored form. A transform cannot be undone; a codec (also a pipe) can. */
export type UnstorableKind =
  | "transform"
  | "function"
  | "map"
  | "promise"
  | "symbol"
  | "undefined"
  | "void"
  | "never"
  | "any"
  | "unknown"
  | "nan"
  | "file"
  | "success";
type WrapperKind = "optional" | "nullable" | "default" | "prefault" | "nonoptional" | "readonly" | "catch";
/** The kinds a DynamoDB set cannot hold. */
type UnsettableKind = "boolean" | "date" | "null" | "object" | "record" | "array" | "tuple" | "set";
interface Unstorable {
  readonly _zod: {
    readonly def:
      | { readonly type: UnstorableKind }
      | { readonly type: "pipe"; readonly in: Unstorable }
      | { readonly type: "pipe"; readonly out: Irreversible }
      | { readonly type: WrapperKind; readonly innerType: Unstorable }
      | { readonly type: "array"; readonly element: Unstorable }
      | { readonly type: "set" | "record"; readonly valueType: Unstorable }
      | {
          readonly type: "set";
          readonly valueType: { readonly _zod: { readonly def: { readonly type: UnsettableKind } } };
        };
  };
}
/** What spoils a pipe whose output it is. Of a codec only the input is stored: its output may be of any other kind. */
interface Irreversible {
  readonly _zod: {
    readonly def:
      | { readonly type: "transform" }
      | { readonly type: "pipe"; readonly in: Irreversible }
      | { readonly type: "pipe"; readonly out: Irreversible }
      | { readonly type: WrapperKind; readonly innerType: Irreversible };
  };
}

/** Says at the definition that the attribute's schema is of a kind that cannot be stored. */
export interface NotStorable<Name, Kind> {
  readonly "this attribute cannot be stored": Name;
  readonly "as its schema is of kind": Kind;
}
/** Says at the definition that an attribute cannot have this name. */
export interface NotAnAttribute<Name> {
  readonly "this name is taken by the library": Name;
}
/** The kind to blame: that of the innermost schema. Computed only for a schema that is refused. */
type KindWithin<M> = M extends Member ? KindOf<M["_zod"]["def"]> : never;
type KindOf<D extends { readonly type: string }> = D extends
  { readonly innerType: infer I } | { readonly element: infer I }
  ? KindWithin<I>
  : D extends { readonly in: infer I }
    ? I extends Unstorable
      ? KindWithin<I>
      : "transform"
    : D extends { readonly type: "set" | "record"; readonly valueType: infer E extends Member }
      ? E extends Unstorable
        ? KindWithin<E>
        : `a set of ${E["_zod"]["def"]["type"]}`
      : D["type"];
/** Refuses by name what is known to be unstorable. A member that is only a `ZodType<T>` passes and is examined when the class is defined. */
type Refused<Sh extends Shape, Reserved> =
  | { [K in keyof Sh]: Sh[K] extends Unstorable ? NotStorable<K, KindWithin<Sh[K]>> : never }[keyof Sh]
  | Taken<keyof Sh & Reserved>;
type Taken<Name> = Name extends string ? NotAnAttribute<Name> : never;
/** What a schema must be besides: nothing, when nothing is refused. */
type Accepted<R> = [R] extends [never] ? unknown : R;

/** One attribute's schema: any of zod 4 or zod/mini. */
export interface Member {
  readonly _zod: { readonly def: { readonly type: string }; readonly output: unknown; readonly input: unknown };
}
/** The attributes of an object schema. */
export type Shape = { readonly [name: string]: Member };
/** What an object schema lets through besides its shape: nothing. */
type NotLoose = { readonly [name: string]: never };
export interface ObjectSchema<Sh extends Shape> {
  readonly _zod: {
    readonly def: { readonly type: "object"; readonly shape: Sh };
    readonly config: { readonly out: NotLoose };
  };
}
export type StorableSchema<Sh extends Shape, Reserved = ReservedName> = ObjectSchema<Sh> &
  Accepted<Refused<Sh, Reserved>>;

/** Every object literal inherits a `constructor`, a `toString`, …: an optional attribute of that name must tolerate it. */
export type Inherited<K> = K extends keyof Prototype ? Prototype[K] : never;
// oxlint-disable-next-line typescript/no-wrapper-object-types -- what object literals inherit is exactly this type
type Prototype = Object;

interface OptionalOut {
  readonly _zod: { readonly optout: string };
}
interface OptionalIn {
  readonly _zod: { readonly optin: string };
}
/** The attributes of an instance: the schema's output, where an optional one is `x: T | undefined` instead of `x?: T`. */
export type Fields<Sh extends Shape> = {
  -readonly [K in keyof Sh]: Sh[K]["_zod"]["output"] | (Sh[K] extends OptionalOut ? undefined : never);
};
/** What a constructor takes: the schema's input. */
export type Input<Sh extends Shape> = {
  [K in keyof Sh as Sh[K] extends OptionalIn ? never : K]: Sh[K]["_zod"]["input"];
} & {
  [K in keyof Sh]?: Sh[K]["_zod"]["input"] | Inherited<K>;
};

/** What DynamoDB can key on. */
export type Keyable = string | number | bigint | Date | Uint8Array;
/** All values of a key are stored as one kind. Behind a property, so that a union of several kinds fits none. */
type OneKind = { key: string } | { key: number | bigint } | { key: Date } | { key: Uint8Array };
type SparseKind =
  | { key: string | undefined }
  | { key: number | bigint | undefined }
  | { key: Date | undefined }
  | { key: Uint8Array | undefined };
/** Says at the definition that an attribute of type V cannot be a key. */
export interface NotAKey<V> {
  readonly "an attribute of this type cannot be a key": V;
}
// `unknown` is what is left of a schema that was refused: one error is enough.
export type PrimaryKey<M extends Member> = unknown extends M["_zod"]["output"]
  ? unknown
  : { key: M["_zod"]["output"] } extends OneKind
    ? unknown
    : NotAKey<M["_zod"]["output"]>;
/** The key of an index may be absent from an item: the index is sparse. */
export type IndexKey<M extends Member> = unknown extends M["_zod"]["output"]
  ? unknown
  : { key: M["_zod"]["output"] } extends SparseKind
    ? unknown
    : NotAKey<M["_zod"]["output"]>;

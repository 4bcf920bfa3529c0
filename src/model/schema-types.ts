/**
 * What the types of models read from a zod schema. Schemas are named by the few properties that are needed: comparing
 * whole zod types, or inferring through a conditional type, would examine each schema again for each use.
 */

/** Names that instances use themselves: an attribute cannot have them. */
export interface ReservedNames {
  readonly save?: never;
  readonly delete?: never;
  readonly reload?: never;
  readonly toJSON?: never;
}

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
type WrapperKind = "optional" | "nullable" | "default" | "prefault" | "nonoptional" | "readonly";
interface Unstorable {
  readonly _zod: {
    readonly def:
      | { readonly type: UnstorableKind }
      | { readonly type: "pipe"; readonly in: Unstorable }
      | { readonly type: "pipe"; readonly out: Unstorable }
      | { readonly type: WrapperKind; readonly innerType: Unstorable };
  };
}

/** Says at the definition that a schema of this kind cannot be stored. */
export interface NotStorable<Kind> {
  readonly "a schema of this kind cannot be stored": Kind;
}
/** Refuses by name what is known to be unstorable. A member that is only a `ZodType<T>` passes and is examined when the class is defined. */
export type Storable<Sh extends Shape> = {
  readonly [K in keyof Sh]: Sh[K] extends Unstorable ? NotStorable<Sh[K]["_zod"]["def"]["type"]> : unknown;
};

/** One attribute's schema: any of zod 4 or zod/mini. */
export interface Member {
  readonly _zod: { readonly def: { readonly type: string }; readonly output: unknown; readonly input: unknown };
}
/** The attributes of an object schema. */
export type Shape = { readonly [name: string]: Member } & ReservedNames;
export interface ObjectSchema<Sh extends Shape> {
  readonly _zod: { readonly def: { readonly type: "object"; readonly shape: Sh } };
}
export interface StorableSchema<Sh extends Shape> extends ObjectSchema<Sh> {
  readonly _zod: { readonly def: { readonly type: "object"; readonly shape: Sh & Storable<Sh> } };
}

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
/** Says at the definition that an attribute of type V cannot be a key. */
export interface NotAKey<V> {
  readonly "an attribute of this type cannot be a key": V;
}
// `unknown` is what is left of a schema that was refused: one error is enough.
export type PrimaryKey<M extends Member> = unknown extends M["_zod"]["output"]
  ? unknown
  : M["_zod"]["output"] extends Keyable
    ? unknown
    : NotAKey<M["_zod"]["output"]>;
/** The key of an index may be absent from an item: the index is sparse. */
export type IndexKey<M extends Member> = unknown extends M["_zod"]["output"]
  ? unknown
  : M["_zod"]["output"] extends Keyable | undefined
    ? unknown
    : NotAKey<M["_zod"]["output"]>;

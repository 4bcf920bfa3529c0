import type { Migration } from "./migration.js";
import type { IndexKey, PrimaryKey, Shape, StorableSchema } from "./schema-types.js";

/** Other names for the timestamps, or one of them alone. */
export interface StampNames {
  readonly createdAt?: string;
  readonly updatedAt?: string;
}
export type StampName<T> = T extends true
  ? "createdAt" | "updatedAt"
  : T extends StampNames
    ? T[keyof T & keyof StampNames] & string
    : never;
/** Kept by the library, so read-only; `undefined` until the first save. */
export type Timestamps<T> = { readonly [K in StampName<T>]: Date | undefined };

export interface IndexDefinition<K extends string> {
  readonly hashKey: K;
  readonly rangeKey?: K;
  /** What the index holds besides keys. Default: `"all"`. Items of other indexes are completed from the table, at the cost of a batch read for each page. */
  readonly project?: "all" | "keys" | readonly K[];
}
export interface AnyIndexes {
  readonly [name: string]: { readonly hashKey: string; readonly rangeKey?: string };
}
export type Indexes<K extends string> = { readonly [name: string]: IndexDefinition<K> };

/** Checks each key of each index against the schema. */
type CheckedIndexes<Sh, X> = {
  readonly [N in keyof X]: {
    readonly [P in keyof X[N]]: P extends keyof IndexDefinition<string>
      ? X[N][P] extends keyof Sh
        ? Sh[X[N][P]] extends Shape[string]
          ? IndexKey<Sh[X[N][P]]>
          : unknown
        : unknown
      : never;
  };
};

/** Says at the definition that the schema has attributes of these names already. */
export interface TakenBySchema<Name> {
  readonly "the schema has an attribute of this name": Name;
}
/** Says at the definition that a key names one attribute twice. */
export interface SameAsHashKey {
  readonly "the range key is the hash key": true;
}

/** Says at the definition that these keys cannot be counted up. */
export interface NeedsNumericHashKeyAlone {
  readonly "autoIncrement needs a numeric hash key and no range key": true;
}
type Countable<V, R> = [R] extends [never]
  ? V extends number | bigint
    ? unknown
    : NeedsNumericHashKeyAlone
  : NeedsNumericHashKeyAlone;

/** A model's definition. A mistake is a compile error here, and a `SchemaError` when the class is defined. */
export interface Definition<Sh extends Shape, H extends keyof Sh, R extends keyof Sh, X, A, T> {
  /** The table's name, without the connection's prefix. */
  readonly table: string;
  /** `z.object({ ... })` of zod 4 or zod/mini. */
  readonly schema: StorableSchema<Sh>;
  readonly hashKey: H & PrimaryKey<Sh[H]>;
  readonly rangeKey?: R & (R extends H ? SameAsHashKey : PrimaryKey<Sh[R]>);
  /** Global secondary indexes by name. An item without an index's key is not in it. */
  readonly indexes?: X & CheckedIndexes<Sh, X>;
  /** An unset numeric hash key is given the next number on the first save, from 1 on. Numbers may be skipped, never used twice. */
  readonly autoIncrement?: A & (A extends true ? Countable<Sh[H]["_zod"]["output"], R> : unknown);
  /** Keeps `createdAt` and `updatedAt`, or the names given. */
  readonly timestamps?: T &
    ([StampName<T> & keyof Sh] extends [never] ? unknown : TakenBySchema<StampName<T> & keyof Sh>);
  /** A Date attribute stored as epoch seconds, after which DynamoDB may delete the item. */
  readonly ttl?: {
    [K in keyof Sh]: K extends H | R ? never : Sh[K]["_zod"]["output"] extends Date | undefined ? K : never;
  }[keyof Sh];
  /**
   * What a save compares with what was read. `"image"` (default): every attribute, whoever changed it. `"version"`: the
   * write id alone, for large items that only this library writes.
   */
  readonly concurrency?: "image" | "version";
  /** How many write ids an item remembers, 1 to 16. Default: 8. More for hot items behind bad networks. */
  readonly historyDepth?: number;
  /** The versions of the stored form, oldest first; old items are brought forward when read, and rewritten when saved. */
  readonly migrations?: readonly Migration[];
}

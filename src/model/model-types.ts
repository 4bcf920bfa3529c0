import type {
  DeleteItemCommandInput,
  GetItemCommandInput,
  PutItemCommandInput,
  QueryCommandInput,
  ScanCommandInput,
  UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { Connection } from "../dynamodb/connection.js";
import type { TableLayout, layoutOf } from "../dynamodb/table.js";
import type { Condition, RangeTest } from "./condition.js";
import type { AnyIndexes, Timestamps } from "./definition-types.js";
import type { Query } from "./query.js";
import type { Fields, Shape } from "./schema-types.js";
import type { Changes } from "./update.js";

export interface SignalOptions {
  /** Stops the operation before its next request. A write that was sent is waited for. */
  readonly signal?: AbortSignal | undefined;
}
export interface ReadOptions extends SignalOptions {
  /** Default: true, so that a read sees every write that was answered before it. False costs half. */
  readonly consistent?: boolean | undefined;
  /** False: values as stored, without validation and defaults. Default: true. */
  readonly validate?: boolean | undefined;
}
export interface SaveOptions<F = unknown> extends SignalOptions {
  /** Fail with `OverwriteError` when new and present, with `ConflictError` when changed since it was read. Default: false. */
  readonly raiseOnConflict?: boolean | undefined;
  /** Must hold for the item as it is stored, or `ConditionFailedError`. */
  readonly condition?: Condition<F> | undefined;
}
export interface UpdateOptions<F = unknown> extends SignalOptions {
  readonly condition?: Condition<F> | undefined;
}
export interface BatchWriteOptions extends SignalOptions {
  /** Without conditions, 25 items in a request: only for loading tables that nobody transacts on. Hooks and checks of single writes run all the same. */
  readonly bulk?: boolean | undefined;
}

/** What every instance of a model can do, whatever its attributes: the members of `DynamoDBModel`. */
export interface ModelInstance<F = unknown> {
  /**
   * Stores the item. Without `raiseOnConflict` it replaces whatever is stored (attributes outside the schema stay), but
   * never a transaction in flight: that is waited for, bounded. Throws `ValidationError`, `ConflictError`,
   * `OverwriteError`, `ConditionFailedError`, `AmbiguousWriteError`, `RequestError`.
   */
  save(options?: SaveOptions<F>): Promise<void>;
  /**
   * Deletes the item; the instance counts as new again. With `raiseOnConflict`: `ConflictError` when it was changed
   * since it was read, or never saved; `AmbiguousWriteError` when the answer is lost and the item is gone: another may
   * have deleted it. Without it, an item that is gone counts as deleted.
   */
  delete(options?: SaveOptions<F>): Promise<void>;
  /** Reads the item again and replaces all attributes. Throws `ItemNotFoundError`. */
  reload(options?: ReadOptions): Promise<void>;
  /** The attributes as plain JSON: sets as sorted lists, dates as ISO text, bytes as base64, bigints as text. */
  toJSON(): Record<string, unknown>;
}

/** Any class whose instances are M, whatever its constructor takes. */
export type ClassOf<M> = abstract new (...args: never) => M;
/** The type-only mark of a model class: the values of its key. */
export declare const keyMark: unique symbol;
/** What functions that take any model ask for. */
export interface AnyModelClass<K extends readonly unknown[] = readonly unknown[]> {
  readonly [keyMark]: K;
  readonly [layoutOf]: TableLayout;
}

// Only R, a literal, is examined: a conditional type that examines F or X would instantiate the whole schema twice more for each model.
export type KeyArgs<F, H, R> = [R] extends [never]
  ? [hash: F[H & keyof F]]
  : [hash: F[H & keyof F], range: F[R & keyof F]];
/** A key as one value: the hash key alone, or `[hash, range]`. */
export type Key<F, H, R> = [R] extends [never]
  ? F[H & keyof F]
  : readonly [hash: F[H & keyof F], range: F[R & keyof F]];

/** Reads one item when called, and knows which. */
export interface Getter<out M> {
  (): Promise<M>;
  readonly key: Readonly<Record<string, unknown>>;
}

/** Says at a query that its table or index has no range key to test. */
export interface NoRangeKey {
  readonly "there is no range key": true;
}
type HashOf<F, H, X extends AnyIndexes, N extends keyof X> = [N] extends [never]
  ? F[H & keyof F]
  : F[X[N]["hashKey"] & keyof F];
type RangeOf<F, R, X extends AnyIndexes, N extends keyof X> = [N] extends [never]
  ? RangeNamed<F, R>
  : ByDefinition<F, X[N]>;
type ByDefinition<F, D> = D extends { readonly rangeKey: keyof F } ? RangeTest<F[D["rangeKey"]]> : NoRangeKey;
type RangeNamed<F, R> = [R] extends [never] ? NoRangeKey : RangeTest<F[R & keyof F]>;

export interface PageOptions<F> extends SignalOptions {
  /** Tested by DynamoDB after reading: what it leaves out is paid for too. */
  readonly filter?: Condition<F> | undefined;
  /** The most items to bring in all. Default: no limit. */
  readonly limit?: number | undefined;
  /** The most items DynamoDB reads for one page. Default: 1 MB. */
  readonly pageSize?: number | undefined;
  /** Where to begin: the `cursor` of a page of the same query. */
  readonly cursor?: string | undefined;
  /** Default: false, as queries are DynamoDB's cheaper reads; indexes cannot be read consistently. */
  readonly consistent?: boolean | undefined;
  /** False: values as stored, without validation and defaults. Default: true. */
  readonly validate?: boolean | undefined;
}
export interface QueryOptions<F, R, X extends AnyIndexes, N extends keyof X> extends PageOptions<F> {
  readonly index?: N;
  /** On the range key of the table or index. */
  readonly range?: NoInfer<RangeOf<F, R, X, N>>;
  /** Descending by range key. Default: false. */
  readonly reverse?: boolean | undefined;
}
/** Brings items as instances of another model on the same table, reading only that model's attributes. */
export interface AsOption<P> {
  readonly as?: (ClassOf<P> & AnyModelClass) | undefined;
}
/**
 * What a query brings: P when `as` says so, else M. `unknown` is what is left of P in the options' type by itself, as
 * in `Parameters<typeof Model.scan>`.
 */
type Brought<M, P> = unknown extends P ? M : P;

/** The requests the library would send, for a client of your own. Nothing is sent, and instances do not learn of it. */
export interface Params<F, H, R, X extends AnyIndexes, L = H | R> {
  get(...args: [...KeyArgs<F, H, R>, options?: ReadOptions]): GetItemCommandInput;
  /** A PutItem for a new instance, an UpdateItem for one that was read. */
  put(instance: ModelInstance<F>, options?: SaveOptions<F>): PutItemCommandInput | UpdateItemCommandInput;
  delete(instance: ModelInstance<F>, options?: SaveOptions<F>): DeleteItemCommandInput;
  update(...args: [...KeyArgs<F, H, R>, changes: Changes<F, L>, options?: UpdateOptions<F>]): UpdateItemCommandInput;
  query<N extends keyof X = never>(hash: HashOf<F, H, X, N>, options?: QueryOptions<F, R, X, N>): QueryCommandInput;
  scan(options?: PageOptions<F>): ScanCommandInput;
}

/** The static side of a model: fields F, key names H and R, indexes X, names L that updates leave alone. Every method that sends throws `RequestError` when DynamoDB refuses, and `ValidationError` for bad input. */
export interface ModelStatics<F, H, R, X extends AnyIndexes, L = H | R> {
  readonly [keyMark]: KeyArgs<F, H, R>;
  readonly [layoutOf]: TableLayout;
  readonly params: Params<F, H, R, X, L>;
  /** One item, strongly consistent by default. Throws `ItemNotFoundError`. */
  get<M>(this: ClassOf<M>, ...args: [...KeyArgs<F, H, R>, options?: ReadOptions]): Promise<M>;
  /** As `get`, but `undefined` when there is no such item. */
  find<M>(this: ClassOf<M>, ...args: [...KeyArgs<F, H, R>, options?: ReadOptions]): Promise<M | undefined>;
  /** A getter for `transactor`. Throws `ValidationError` for a bad key at once. */
  at<M>(this: ClassOf<M>, ...key: KeyArgs<F, H, R>): Getter<M>;
  /** Any number of items, in the order of the keys; `undefined` where there is none. */
  getBatch<M>(this: ClassOf<M>, keys: readonly Key<F, H, R>[], options?: ReadOptions): Promise<(M | undefined)[]>;
  /**
   * Saves and deletes any number of items, as `save` and `delete` do (also unseen by each other: it is no transaction).
   * Throws `BatchWriteError` when some failed.
   */
  batchWrite<M>(
    this: ClassOf<M>,
    writes: { readonly put?: readonly NoInfer<M>[] | undefined; readonly delete?: readonly Key<F, H, R>[] | undefined },
    options?: BatchWriteOptions,
  ): Promise<void>;
  /** Items of one hash key, ascending by range key; as instances of this class, or of the one that `as` names. */
  query<M, N extends keyof X = never, P = M>(
    this: ClassOf<M>,
    hash: HashOf<F, H, X, N>,
    options?: QueryOptions<F, R, X, N> & AsOption<P>,
  ): Query<Brought<M, P>>;
  /** All items of the table, in no order; as instances of this class, or of the one that `as` names. */
  scan<M, P = M>(this: ClassOf<M>, options?: PageOptions<F> & AsOption<P>): Query<Brought<M, P>>;
  /**
   * Changes an item without reading it (with `migrations`: after bringing it to the newest version), and resolves with the item as it is after. Hooks of saving do not run. Throws
   * `ItemNotFoundError` (nothing is created) and `ConditionFailedError`. Sent once: when the answer is lost and the item
   * does not show that it was applied, `AmbiguousWriteError`.
   */
  update<M>(
    this: ClassOf<M>,
    ...args: [...KeyArgs<F, H, R>, changes: Changes<F, L>, options?: UpdateOptions<F>]
  ): Promise<M>;
  /** The same model on another connection; its instances are instances of this class too. */
  on<C>(this: C, connection: Connection): C;
  /** Override to be called before each save of an instance, before it is validated. */
  beforeSave(instance: ModelInstance): void | Promise<void>;
  /** Override to be called with each instance that was read. */
  afterLoad(instance: ModelInstance): void | Promise<void>;
}

export type Optional<I, H> = { [K in keyof I as K extends H ? never : K]: I[K] } & {
  [K in keyof I as K extends H ? K : never]?: I[K];
};
export type ModelFields<Sh extends Shape, T> = T extends false ? Fields<Sh> : Fields<Sh> & Timestamps<T>;

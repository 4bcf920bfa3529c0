import type { Definition, Indexes } from "../model/definition-types.js";
import type { ModelInstance, SignalOptions } from "../model/model-types.js";
import type { ReservedName, Shape, StorableSchema } from "../model/schema-types.js";
import type { Backend } from "./backend.js";
import type { Status } from "./definition.js";
import type { Transactor } from "./transactor.js";

export interface CombineOptions {
  /** How long the setter of one commit may keep the others waiting, in milliseconds, up to 2,147,483,647. Default: 5,000. */
  readonly setterTimeoutMs?: number | undefined;
}
/** Whether commits of this process at one item are combined into one write, and on which terms. */
export type Combine = boolean | CombineOptions;

export interface CommitOptions extends SignalOptions {
  /** Instead of the class's own. Sub-transactions run on it too. */
  readonly backend?: Backend | undefined;
  /** Instead of the class's own; `true` leaves the class its limits. Sub-transactions are told too. */
  readonly combine?: Combine | undefined;
}

/** What the library adds to each transaction's schema. */
export interface TransactionFields {
  /** When the row was first saved: ISO-8601 UTC with microseconds, unique in the process. Not there before. */
  datetime: string;
  status: Status;
}

/** What a getter finds: an instance of any model, or nothing. */
export type Target = ModelInstance | undefined;

/** What every instance of a transaction can do: the members of `Transaction`. The hooks are there to be overridden. */
export interface TransactionInstance<F = unknown> extends ModelInstance<F> {
  /** True: targets change, and no row is saved. Default: the class's `transient`. */
  transient?: boolean;
  /** Run after the own transactors, in order. May be filled in the constructor or in `setup`. */
  subtransactions: TransactionInstance[];
  /** Runs once for each commit, before anything else and however many retries follow: for reading what does not change. */
  setup(): void | Promise<void>;
  /** Runs once (with `atomic()`: at each attempt), after `setup`: the targets in their order. By default one, made of `getTarget` and `alterTarget`. */
  transactors(): readonly Transactor[] | Promise<readonly Transactor[]>;
  /** The getter of a transaction with one target; runs at each attempt. */
  getTarget(): Target | Promise<Target>;
  /** The setter of a transaction with one target; runs at each attempt. */
  alterTarget(target: unknown): unknown;
  /** Runs once (with `atomic()`: at each attempt), after the own targets were saved. By default commits `subtransactions` in order. */
  applySubtransactions(): Promise<void>;
  /**
   * Runs the operation: `setup`, targets, sub-transactions, then saves the row. Resolves with the instance, its status
   * `done`. On failure the error comes out; the status says how far it came, and a row is saved when a target was
   * changed; with `atomic()` all of it happens or nothing. Committed again, it is a new operation with a new row. Inside
   * a running transaction (`transact`, a setter of an atomic one) it becomes a part of that one, done when that is done.
   */
  commit(options?: CommitOptions): Promise<this>;
}

/** Names that transactions use themselves: an attribute of their rows cannot have them. */
export type TransactionReservedName =
  | ReservedName
  | keyof TransactionFields
  | "transient"
  | "subtransactions"
  | "setup"
  | "transactors"
  | "getTarget"
  | "alterTarget"
  | "applySubtransactions"
  | "commit";
export interface TransactionDefinition<Sh extends Shape, H extends keyof Sh, X> extends Pick<
  Definition<Sh, H, never, X, false, false>,
  "table" | "hashKey" | "indexes" | "ttl" | "concurrency" | "historyDepth" | "migrations"
> {
  /** `z.object({ ... })` of zod 4 or zod/mini, without `datetime` and `status`. */
  readonly schema: StorableSchema<Sh, TransactionReservedName>;
}
export type TransactionIndexes<Sh extends Shape> = Indexes<(keyof Sh & string) | keyof TransactionFields>;

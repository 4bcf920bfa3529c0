import type { Migration } from "./migration.js";
import type { Concurrency } from "./spec.js";

/** A definition as it arrives at run time, when nothing is proven about it. */
export interface RawDefinition {
  readonly table?: unknown;
  readonly schema?: unknown;
  readonly hashKey?: unknown;
  readonly rangeKey?: unknown;
  readonly indexes?: Readonly<
    Record<string, { readonly hashKey?: unknown; readonly rangeKey?: unknown; readonly project?: unknown }>
  >;
  readonly autoIncrement?: boolean;
  readonly timestamps?: boolean | { readonly createdAt?: string; readonly updatedAt?: string };
  readonly ttl?: string;
  readonly concurrency?: Concurrency;
  readonly historyDepth?: number;
  readonly migrations?: readonly Migration[];
  /** Keys that new instances may lack, because the library gives them at the first save. */
  readonly lateKeys?: readonly string[];
}

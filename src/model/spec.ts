import type { $ZodObject, $ZodType } from "zod/v4/core";
import type { KeyAttribute, TableLayout } from "../dynamodb/table.js";
import type { Codec } from "./codec/codec.js";
import type { Migration } from "./migration.js";

/** One attribute of a model. */
export interface Field {
  /** Its name on instances. */
  readonly name: string;
  /** Its name in the database: the same, except where the SDK could not carry it. */
  readonly stored: string;
  readonly codec: Codec;
  /** Absent for timestamps, which the library keeps by itself. */
  readonly schema: $ZodType | undefined;
}

export interface KeyField extends Field {
  readonly attribute: KeyAttribute;
  /** The longest its stored value may be, in bytes. */
  readonly maxBytes: number;
}

export interface IndexSpec {
  readonly name: string;
  readonly hash: KeyField;
  readonly range: KeyField | undefined;
  /** The stored attributes that its rows hold, keys included; `undefined`: all. */
  readonly holds: ReadonlySet<string> | undefined;
}

/** How a model compares what was read with what is stored when it saves. */
export type Concurrency = "image" | "version";

/** A model's definition, checked and compiled. */
export interface ModelSpec {
  readonly table: string;
  readonly schema: $ZodObject;
  /** The schema of new instances, which may lack keys that the library gives at the first save; else the same as `schema`. */
  readonly newSchema: $ZodObject;
  /** The schema of an attribute named `__proto__`, which zod's objects cannot carry. */
  readonly protoSchema: $ZodType | undefined;
  /** All attributes, timestamps included, in the order of the schema. */
  readonly fields: readonly Field[];
  readonly fieldByName: ReadonlyMap<string, Field>;
  readonly storedNames: ReadonlySet<string>;
  /** Whether some attribute has a name that every object inherits, so that objects must be read with care. */
  readonly inheritsNames: boolean;
  /** Whether some attribute is stored in another form than its schema's output (a codec). */
  readonly unwraps: boolean;
  readonly hash: KeyField;
  readonly range: KeyField | undefined;
  /** Every attribute that is a key of the table or of an index. */
  readonly keys: readonly KeyField[];
  readonly indexes: ReadonlyMap<string, IndexSpec>;
  readonly concurrency: Concurrency;
  /** How many write ids an item remembers. */
  readonly historyDepth: number;
  readonly autoIncrement: boolean;
  readonly createdAt: Field | undefined;
  readonly updatedAt: Field | undefined;
  readonly migrations: readonly Migration[];
  readonly layout: TableLayout;
}

/** The key attributes of a model: one or two. */
export function keyFields(spec: ModelSpec): readonly KeyField[] {
  return spec.range === undefined ? [spec.hash] : [spec.hash, spec.range];
}

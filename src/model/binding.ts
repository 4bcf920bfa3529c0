import { SchemaError } from "../base/errors.js";
import type { KeyValues } from "../base/errors.js";
import type { AttributeMap } from "../dynamodb/attribute.js";
import type { Connection } from "../dynamodb/connection.js";
import type { Place } from "../intents/place.js";
import type { ModelSpec } from "./spec.js";

/** A model on a connection: what every operation works with. */
export interface Binding {
  readonly spec: ModelSpec;
  readonly connection: Connection;
  /** The table's full name on the connection. */
  readonly table: string;
}

export function bind(spec: ModelSpec, connection: Connection): Binding {
  const { writeId, intent } = connection.reserved;
  if (spec.storedNames.has(writeId) || spec.storedNames.has(intent)) {
    throw new SchemaError(
      `table ${spec.table}: the connection reserves the attributes ${writeId} and ${intent}, and the schema has one of them`,
    );
  }
  return { spec, connection, table: connection.tableName(spec.table) };
}

/** Where an item is, for those who know no models. */
export function placeOf(
  { connection, table }: Binding,
  { key, keyValues }: { readonly key: AttributeMap; readonly keyValues: KeyValues },
): Place {
  return { connection, table, key, keyValues };
}

/** An item as messages and errors name it. */
export interface Item {
  readonly table: string;
  readonly key: KeyValues;
}

import type { KeyValues } from "../base/errors.js";
import type { AttributeMap } from "../dynamodb/attribute.js";
import type { Connection } from "../dynamodb/connection.js";

/** Where one item is: all that settling an intent in it needs to know. No model is involved. */
export interface Place {
  readonly connection: Connection;
  /** The table's full name. */
  readonly table: string;
  readonly key: AttributeMap;
  /** The key as events and errors tell it. */
  readonly keyValues: KeyValues;
}

/** The item as it is stored now, by a consistent read. */
export async function readPlace(
  { connection, table, key }: Place,
  signal?: AbortSignal,
): Promise<AttributeMap | undefined> {
  return (await connection.requests.get({ TableName: table, Key: key, ConsistentRead: true }, signal)).Item;
}

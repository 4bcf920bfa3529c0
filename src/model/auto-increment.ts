import { attributeOf } from "../dynamodb/attribute.js";
import type { AttributeMap } from "../dynamodb/attribute.js";
import { pause } from "../dynamodb/pause.js";
import { RequestError, SchemaError } from "../base/errors.js";
import type { Binding } from "./binding.js";
import type { ModelSpec } from "./spec.js";

/** The key of the item that counts, and the attribute that holds the last number given out. */
const counterKey = "-1";
const counterAttribute = "_last";
/** A lost answer costs a number, never a wrong one, so the counter may be asked again. */
const maxAsks = 5;

export function isCounterKey(spec: ModelSpec, item: AttributeMap): boolean {
  return spec.autoIncrement && attributeOf(item, spec.hash.stored)?.N === counterKey;
}

/** Throws `SchemaError` for the counter's own key: writing there would break the sequence. */
export function refuseCounterKey({ spec, table }: Binding, key: AttributeMap): void {
  if (isCounterKey(spec, key)) {
    throw new SchemaError(
      `${table}: the key ${counterKey} belongs to the counter of autoIncrement and cannot be written`,
    );
  }
}

/** A number nobody was given before, from 1 on, in the form of the hash key. */
export async function nextNumber({ spec, connection, table }: Binding, signal?: AbortSignal): Promise<unknown> {
  const { name, stored, codec } = spec.hash;
  let lost: unknown;
  for (let asks = 1; asks <= maxAsks; asks++) {
    const result = await connection.requests.write(
      {
        operation: "UpdateItem",
        input: {
          TableName: table,
          Key: { [stored]: { N: counterKey } },
          UpdateExpression: "ADD #last :one",
          ExpressionAttributeNames: { "#last": counterAttribute },
          ExpressionAttributeValues: { ":one": { N: "1" } },
          ReturnValues: "UPDATED_NEW",
        },
      },
      signal,
    );
    const last = result.outcome === "applied" ? result.attributes?.[counterAttribute] : undefined;
    if (last !== undefined) return codec.decode(last);
    if (result.outcome === "doubt") lost = result.cause;
    if (asks < maxAsks)
      await pause(connection, { reason: "doubt", table, backoff: connection.sendBackoff, attempt: asks, signal });
  }
  throw new RequestError(`UpdateItem on table ${table} failed: the counter of ${name} did not answer`, {
    operation: "UpdateItem",
    table,
    retryable: true,
    cause: lost,
  });
}

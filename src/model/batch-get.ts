import { MaxRetriesExceededError } from "../base/errors.js";
import { allParallel } from "../base/parallel.js";
import type { AttributeMap, AttributeValue } from "../dynamodb/attribute.js";
import { pause } from "../dynamodb/pause.js";
import type { Binding } from "./binding.js";
import { canonicalNumber } from "./codec/number.js";
import type { ModelSpec } from "./spec.js";

const keysPerRequest = 100; // DynamoDB's limit
const parallelRequests = 4;
const maxFruitless = 10; // answers in a row that bring no item of those still missing

export interface BatchGetOptions {
  readonly consistent: boolean;
  readonly signal?: AbortSignal | undefined;
  /** The stored attributes to bring; `undefined`: all. */
  readonly attributes?: readonly string[] | undefined;
}

function valueText({ S, N, B }: AttributeValue): string {
  if (S !== undefined) return `S${S}`;
  return N === undefined ? `B${Buffer.from(B ?? []).toString("base64")}` : `N${canonicalNumber(N)}`;
}

/** A key as text, equal for equal keys. */
export function keyText(spec: ModelSpec, key: AttributeMap): string {
  const { hash, range } = spec;
  const text = valueText(key[hash.stored] ?? absent);
  // The length keeps one hash key from reading as another one together with the beginning of a range key.
  return range === undefined ? text : `${text.length} ${text}${valueText(key[range.stored] ?? absent)}`;
}

const absent: AttributeValue = { NULL: true };

/** Reads any number of items by key; the answer has them by `keyText`. What DynamoDB leaves unprocessed is asked for again. */
export async function batchGetStored(
  binding: Binding,
  keys: readonly AttributeMap[],
  options: BatchGetOptions,
): Promise<Map<string, AttributeMap>> {
  const { spec } = binding;
  const distinct = [...new Map(keys.map((key) => [keyText(spec, key), key])).values()];
  const chunks: AttributeMap[][] = [];
  for (let from = 0; from < distinct.length; from += keysPerRequest)
    chunks.push(distinct.slice(from, from + keysPerRequest));
  const found = new Map<string, AttributeMap>();
  await allParallel(chunks, parallelRequests, async (chunk) => {
    for (const item of await getChunk(binding, chunk, options)) found.set(keyText(spec, item), item);
  });
  return found;
}

async function getChunk(
  { connection, table }: Binding,
  chunk: readonly AttributeMap[],
  options: BatchGetOptions,
): Promise<AttributeMap[]> {
  const { sendBackoff: backoff, requests } = connection;
  const { signal, consistent, attributes } = options;
  const names = attributes?.map((name, index) => [`#${index}`, name] as const);
  const projection = names && {
    ProjectionExpression: names.map(([placeholder]) => placeholder).join(", "),
    ExpressionAttributeNames: Object.fromEntries(names),
  };
  const items: AttributeMap[] = [];
  let keys: AttributeMap[] = [...chunk];
  let fruitless = 0;
  while (keys.length > 0) {
    const answer = await requests.batchGet(
      { RequestItems: { [table]: { Keys: keys, ConsistentRead: consistent, ...projection } } },
      signal,
    );
    const brought = answer.Responses?.[table] ?? [];
    items.push(...brought);
    keys = answer.UnprocessedKeys?.[table]?.Keys ?? [];
    fruitless = brought.length > 0 ? 0 : fruitless + 1;
    if (keys.length === 0) break;
    if (fruitless >= maxFruitless) {
      throw new MaxRetriesExceededError(
        `BatchGetItem on table ${table}: DynamoDB left ${keys.length} keys unprocessed ${fruitless} times in a row`,
        { attempts: fruitless },
      );
    }
    // Short while items still come, growing while none do.
    await pause(connection, { reason: "unprocessed", table, backoff, attempt: fruitless + 2, signal });
  }
  return items;
}

import { BatchWriteError, MaxRetriesExceededError, describeItem } from "../base/errors.js";
import type { BatchFailure, KeyValues } from "../base/errors.js";
import { forEachParallel } from "../base/parallel.js";
import type { AttributeMap } from "../dynamodb/attribute.js";
import { pause } from "../dynamodb/pause.js";
import { batchGetStored, keyText } from "./batch-get.js";
import type { Binding } from "./binding.js";
import { underIntent } from "../intents/intent.js";
import type { ItemKey } from "./key.js";
import { keyFields } from "./spec.js";
import { applyOverwriting } from "./settle.js";
import { invalid } from "./validate.js";
import { imageAfter } from "./write.js";
import type { Write } from "./write.js";

const parallelWrites = 32;
const itemsPerBulk = 25; // DynamoDB's limit
const parallelBulks = 4;
const maxFruitless = 10;

/** One write of a batch: by an instance's own save, or by key. */
export interface BatchPart {
  readonly key: KeyValues;
  run(): Promise<void>;
}

/** Refuses a batch that names one item twice: which of the two would win could not be told. */
export function refuseDuplicates({ spec, table }: Binding, keys: readonly ItemKey[]): void {
  const seen = new Set<string>();
  for (const key of keys) {
    const text = keyText(spec, key.stored);
    if (seen.has(text))
      throw invalid({ table, key: key.values, action: "batchWrite" }, [
        { code: "custom", message: "the batch has this key twice", path: [] },
      ]);
    seen.add(text);
  }
}

/** Runs the writes of a batch, bounded; all are tried. Throws `BatchWriteError` with those that failed. */
export async function runBatch(table: string, parts: readonly BatchPart[]): Promise<void> {
  const failures: BatchFailure[] = [];
  await forEachParallel(parts, parallelWrites, async (part) => {
    try {
      await part.run();
    } catch (error) {
      failures.push({ key: part.key, error });
    }
  });
  refuseFailures(table, parts.length, failures);
}

/** Throws `BatchWriteError` when there are failures among `total` writes. */
export function refuseFailures(table: string, total: number, failures: readonly BatchFailure[]): void {
  const [first] = failures;
  if (first === undefined) return;
  const message = `${failures.length} of ${total} writes failed, first ${describeItem(table, first.key)}: ${String(first.error)}`;
  throw new BatchWriteError(message, { table, failures, written: total - failures.length, cause: first.error });
}

/** The parts that delete items by key. Their write ids are read first, so that each delete is one conditional request. */
export async function deleteParts(
  binding: Binding,
  keys: readonly ItemKey[],
  signal: AbortSignal | undefined,
): Promise<BatchPart[]> {
  const { spec, connection } = binding;
  if (keys.length === 0) return [];
  const { writeId, intent } = connection.reserved;
  const attributes = [...keyFields(spec).map(({ stored }) => stored), writeId, intent];
  const found = await batchGetStored(
    binding,
    keys.map(({ stored }) => stored),
    { consistent: true, signal, attributes },
  );
  return keys.flatMap((key) => {
    const stored = found.get(keyText(spec, key.stored));
    if (stored === undefined) return [];
    const write: Write = {
      binding,
      key: key.stored,
      keyValues: key.values,
      before: underIntent(connection.reserved, stored),
      after: undefined,
      writeId: connection.random.writeId(),
      condition: undefined,
      generatedKey: false,
    };
    return [{ key: key.values, run: async () => void (await applyOverwriting(write, signal)) }];
  });
}

type BulkRequest = { PutRequest: { Item: AttributeMap } } | { DeleteRequest: { Key: AttributeMap } };

/**
 * Writes without conditions, 25 in a request. It knows nothing of transactions in flight and of newer writes: only for
 * loading tables that nobody transacts on. Resolves with the writes that failed or were not tried after a failure, and
 * why; of those some may have happened, and all may be sent again.
 */
export async function bulkWrite(
  binding: Binding,
  writes: readonly Write[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<Write, unknown>> {
  const chunks: Write[][] = [];
  for (let from = 0; from < writes.length; from += itemsPerBulk) chunks.push(writes.slice(from, from + itemsPerBulk));
  const failed = new Map<Write, unknown>();
  let failure: { readonly error: unknown } | undefined;
  await forEachParallel(chunks, parallelBulks, async (chunk) => {
    try {
      if (failure === undefined) return await writeChunk(binding, chunk.map(bulkRequest), signal);
    } catch (error) {
      failure ??= { error };
    }
    for (const write of chunk) failed.set(write, failure?.error);
  });
  return failed;
}

function bulkRequest(write: Write): BulkRequest {
  const Item = imageAfter(write);
  return Item === undefined ? { DeleteRequest: { Key: write.key } } : { PutRequest: { Item } };
}

async function writeChunk(
  { connection, table }: Binding,
  chunk: readonly BulkRequest[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const { sendBackoff: backoff, requests } = connection;
  let left = [...chunk];
  for (let fruitless = 0; left.length > 0;) {
    const answer = await requests.batchWrite({ RequestItems: { [table]: left } }, signal);
    // The same requests come back in the form in which they went out.
    const unprocessed = (answer.UnprocessedItems?.[table] ?? []) as BulkRequest[];
    fruitless = unprocessed.length < left.length ? 0 : fruitless + 1;
    left = unprocessed;
    if (fruitless >= maxFruitless) {
      throw new MaxRetriesExceededError(
        `BatchWriteItem on table ${table}: DynamoDB left ${left.length} items unprocessed ${fruitless} times in a row`,
        { attempts: fruitless },
      );
    }
    if (left.length > 0)
      await pause(connection, { reason: "unprocessed", table, backoff, attempt: fruitless + 2, signal });
  }
}

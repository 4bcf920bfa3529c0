/** From the rows that queries and scans bring to the items that callers may see. */
import { allParallel } from "../base/parallel.js";
import { attributeOf } from "../dynamodb/attribute.js";
import type { AttributeMap } from "../dynamodb/attribute.js";
import { readThrough } from "../intents/resolve.js";
import { isCounterKey } from "./auto-increment.js";
import { batchGetStored, keyText } from "./batch-get.js";
import { placeOf } from "./binding.js";
import type { Binding } from "./binding.js";
import { keyOf, storedKeyValues } from "./key.js";
import { startKey } from "./query.js";
import type { QuerySource } from "./query.js";
import type { Selection } from "./select.js";

const parallelResolves = 32;

/** The rows of a selection; `load` makes instances of images. */
export function rowsOf<M>(
  selection: Selection,
  target: Binding,
  load: (images: readonly AttributeMap[]) => Promise<readonly M[]>,
): QuerySource<M> {
  const { binding, index, input, options, start } = selection;
  const { requests } = binding.connection;
  return {
    limit: options.limit,
    pageSize: options.pageSize,
    filters: options.filter !== undefined,
    cursor: start,
    keyOf: (row) => startKey(binding.spec, index, row),
    async fetch(from, limit) {
      const paged = {
        ...input,
        ...(from && { ExclusiveStartKey: from }),
        ...(limit !== undefined && { Limit: limit }),
      };
      const send =
        "KeyConditionExpression" in paged
          ? requests.query(paged, options.signal)
          : requests.scan(paged, options.signal);
      const { Items, LastEvaluatedKey } = await send;
      return { items: Items ?? [], next: LastEvaluatedKey };
    },
    async load(items) {
      const rows = await visibleRows(selection, target, items);
      const instances = await load(rows.map(({ image }) => image));
      return rows.flatMap(({ row }, position) => {
        const instance = instances[position];
        return instance === undefined ? [] : [{ row, instance }];
      });
    },
  };
}

interface VisibleRow {
  readonly row: AttributeMap;
  readonly image: AttributeMap;
}

/**
 * Leaves out the counter and what does not exist outside a transaction in flight, looks under what is in flight, and
 * completes rows of an index that does not hold all that is wanted.
 */
async function visibleRows(
  selection: Selection,
  target: Binding,
  items: readonly AttributeMap[],
): Promise<VisibleRow[]> {
  const { binding, index, options } = selection;
  const { spec, connection } = binding;
  const { writeId, intent } = connection.reserved;
  const rows = items.filter((row) => !isCounterKey(spec, row));
  const holds = index?.holds;
  const lacking = holds !== undefined && ![...target.spec.storedNames].every((name) => holds.has(name));
  const partial = rows.filter(
    (row) =>
      lacking ||
      attributeOf(row, intent) !== undefined ||
      (holds !== undefined && attributeOf(row, writeId) === undefined),
  );
  const whole =
    partial.length === 0
      ? undefined
      : await batchGetStored(
          binding,
          partial.map((row) => keyOf(spec, row)),
          { consistent: true, signal: options.signal },
        );
  const reread = new Set(partial);
  const seen = rows.map((row) => ({ row, image: reread.has(row) ? whole?.get(keyText(spec, row)) : row }));
  const again = seen.filter(({ row }) => reread.has(row));
  await allParallel(again, parallelResolves, async (item) => {
    const { image } = item;
    const place = placeOf(binding, { key: keyOf(spec, item.row), keyValues: storedKeyValues(spec, item.row) });
    const settled = await readThrough(place, image, { push: true, signal: options.signal });
    // DynamoDB may have let it pass for what was in flight, or by an index that lagged: it must be what was asked for now.
    item.image = settled && selection.matches(settled) ? settled : undefined;
  });
  return seen.flatMap(({ row, image }) => (image === undefined ? [] : [{ row, image }]));
}

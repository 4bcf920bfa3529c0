/** From the rows that queries and scans bring to the items that callers may see. */
import { attributeOf } from "../dynamodb/attribute.js";
import type { AttributeMap } from "../dynamodb/attribute.js";
import { isCounterKey } from "./auto-increment.js";
import { batchGetStored, keyText } from "./batch-get.js";
import type { Binding } from "./binding.js";
import { present } from "./item.js";
import { keyOf } from "./key.js";
import { startKey } from "./query.js";
import type { QuerySource } from "./query.js";
import type { Selection } from "./select.js";

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

/** Leaves out the counter and placeholders, and completes rows of an index that does not hold all that is wanted. */
async function visibleRows(
  { binding, index, options }: Selection,
  target: Binding,
  items: readonly AttributeMap[],
): Promise<VisibleRow[]> {
  const { spec, connection } = binding;
  const { writeId, intent } = connection.reserved;
  const rows = items.filter((row) => !isCounterKey(spec, row));
  const holds = index?.holds;
  const lacking = holds !== undefined && ![...target.spec.storedNames].every((name) => holds.has(name));
  const partial =
    index === undefined
      ? []
      : rows.filter(
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
  return rows.flatMap((row) => {
    const stored = reread.has(row) ? whole?.get(keyText(spec, row)) : row;
    const image = stored && present(connection.reserved, stored);
    return image === undefined ? [] : [{ row, image }];
  });
}

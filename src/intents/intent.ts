import { attributeOf } from "../dynamodb/attribute.js";
import type { AttributeMap, AttributeValue } from "../dynamodb/attribute.js";
import type { ReservedAttributes } from "../dynamodb/connection.js";

/**
 * - `put`: the item gets new attributes
 * - `del`: the item goes away
 * - `chk`: the item stays as it is; it only must not change meanwhile
 */
export type IntentOperation = "put" | "del" | "chk";

/** What a transaction in flight leaves in an item that it is going to change. */
export interface Intent {
  /** The id of the transaction's record. */
  readonly transaction: string;
  /** The identity of the coordinator that keeps it. */
  readonly coordinator: string;
  /** Which of the transaction's items this is, from 0. */
  readonly index: number;
  /** Counts the attempts at this item, from 1: only the one that the record names counts. */
  readonly attempt: number;
  /** Whether the transaction has read items that carry no intent of it. */
  readonly checks: boolean;
  readonly operation: IntentOperation;
  /** The changes of a `put`, as text; `undefined`: in pieces. */
  readonly changes: string | undefined;
  /** How many pieces the changes have in the coordinator's table; 0: none. */
  readonly pieces: number;
  /** The write ids of a `put` once it is applied. */
  readonly version: string | undefined;
  /** Whether the item exists only as this intent. */
  readonly placeholder: boolean;
}

/** The attribute that holds an intent. */
export function intentValue(intent: Intent): AttributeValue {
  const { transaction, coordinator, index, attempt, checks, operation, changes, pieces, version, placeholder } = intent;
  return {
    M: {
      id: { S: transaction },
      c: { S: coordinator },
      n: { S: `${index}.${attempt}` },
      q: { BOOL: checks },
      op: { S: operation },
      ...(changes !== undefined && { a: { S: changes } }),
      ...(pieces > 0 && { p: { N: String(pieces) } }),
      ...(version !== undefined && { v: { S: version } }),
      ...(placeholder && { new: { BOOL: true } }),
    },
  };
}

/** The intent in an item, if there is one. */
export function intentOf({ intent: name }: ReservedAttributes, item: AttributeMap | undefined): Intent | undefined {
  const map = item && attributeOf(item, name)?.M;
  if (map === undefined) return undefined;
  const [index, attempt] = (map["n"]?.S ?? "").split(".").map(Number);
  return {
    transaction: map["id"]?.S ?? "",
    coordinator: map["c"]?.S ?? "",
    index: index ?? NaN,
    attempt: attempt ?? NaN,
    checks: map["q"]?.BOOL === true,
    operation: operationOf(map["op"]?.S),
    changes: map["a"]?.S,
    pieces: Number(map["p"]?.N ?? 0),
    version: map["v"]?.S,
    placeholder: map["new"] !== undefined,
  };
}

function operationOf(text: string | undefined): IntentOperation {
  return text === "put" || text === "del" ? text : "chk";
}

/** The item under an intent in flight, or `undefined` for a placeholder: an item that exists only as an intent. */
export function underIntent({ intent }: ReservedAttributes, stored: AttributeMap): AttributeMap | undefined {
  const held = attributeOf(stored, intent);
  if (held === undefined) return stored;
  if (held.M?.["new"] !== undefined) return undefined;
  const { [intent]: _, ...image } = stored;
  return image;
}

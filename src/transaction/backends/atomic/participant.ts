import { ValidationError, describeItem } from "../../../base/errors.js";
import { itemBytes } from "../../../dynamodb/attribute.js";
import type { AttributeMap, AttributeValue } from "../../../dynamodb/attribute.js";
import { Expression } from "../../../dynamodb/expression.js";
import { changesBetween, changesText } from "../../../intents/changes.js";
import type { Changes } from "../../../intents/changes.js";
import type { Intent, IntentOperation } from "../../../intents/intent.js";
import { updateText } from "../../../intents/landing.js";
import { cut } from "../../../intents/parts.js";
import type { Place } from "../../../intents/place.js";
import { placeOf } from "../../../model/binding.js";
import type { ReadItem } from "../../../model/footprint.js";
import { asWrite } from "../../../model/intent-request.js";
import { imageAfter, nextVersion } from "../../../model/write.js";
import type { Write } from "../../../model/write.js";

/** One item in which a transaction in flight has an intent. */
export interface Participant {
  readonly index: number;
  readonly place: Place;
  readonly operation: IntentOperation;
  /** What is to be written; for a `chk`, nothing but the condition that the item is as it was read. */
  readonly write: Write;
  readonly changes: Changes;
  /** The changes as the intent carries them; `undefined`: in `pieces`. */
  readonly text: string | undefined;
  readonly pieces: readonly Uint8Array[];
  /** Which attempt is in the item, or may be; 0: none was made. */
  attempt: number;
}

const maxItemBytes = 400 * 1024;
/** What an intent takes at the most, besides the changes it carries. */
const intentBytes = 1024;
const maxExpressionBytes = 4096;
/** So many maps and lists may stand inside one another. */
const maxNesting = 31;

/**
 * The item that a write changes, as a participant. What is committed must be applicable, and the intent does not show it
 * to DynamoDB: so it is measured here. Throws `ValidationError` for what DynamoDB would not take.
 */
export function writing(write: Write, index: number): Participant {
  const { binding, before, after, key } = write;
  const place = placeOf(binding, write);
  const shared = { index, place, write, attempt: 0 };
  refuseTooLarge(place, imageAfter(write));
  refuseTooLarge(place, before ?? key, intentBytes);
  if (after === undefined) return { ...shared, operation: "del", changes: none, text: undefined, pieces: [] };
  const { writeId, intent } = binding.connection.reserved;
  const apart = (name: string): boolean => name === writeId || name === intent || Object.hasOwn(key, name);
  const changes = changesBetween(before, after, apart);
  refuseTooMany(place, changes);
  refuseTooDeep(place, changes.set);
  const text = changesText(changes);
  const fits = itemBytes(before ?? key) + Buffer.byteLength(text) + intentBytes <= maxItemBytes;
  return { ...shared, operation: "put", changes, text: fits ? text : undefined, pieces: fits ? [] : cut(text) };
}

/** An item that was only read and must not change before the commit. */
export function checking(read: ReadItem, index: number): Participant {
  const write = asWrite(read);
  const place = placeOf(read.binding, write);
  refuseTooLarge(place, read.image, intentBytes);
  return { index, place, operation: "chk", write, changes: none, text: undefined, pieces: [], attempt: 0 };
}

const none: Changes = { set: {}, remove: [] };

function refused({ table, keyValues: key }: Place, reason: string): ValidationError {
  return new ValidationError(`${describeItem(table, key)}: ${reason}`, { table, key });
}

/** `spare`: bytes that are needed besides. */
function refuseTooLarge(place: Place, item: AttributeMap | undefined, spare = 0): void {
  if (item === undefined || itemBytes(item) + spare <= maxItemBytes) return;
  const what = spare > 0 ? "leaves no room for a transaction in flight within" : "is over";
  throw refused(place, `the item ${what} DynamoDB's limit of ${maxItemBytes} bytes`);
}

/** One expression must carry all changes. */
function refuseTooMany(place: Place, changes: Changes): void {
  const text = updateText(changes, "", place, new Expression());
  if (text.length <= maxExpressionBytes) return;
  throw refused(place, `too many attributes change at once for one update expression of ${maxExpressionBytes} bytes`);
}

function refuseTooDeep(place: Place, set: AttributeMap): void {
  if (Object.values(set).every((value) => nesting(value) <= maxNesting)) return;
  throw refused(place, `more than ${maxNesting} maps and lists stand inside one another`);
}

function nesting({ M, L }: AttributeValue): number {
  const inner = M === undefined ? L : Object.values(M);
  return inner === undefined ? 0 : 1 + inner.reduce((deepest, value) => Math.max(deepest, nesting(value)), 0);
}

/** The intent of one attempt, as it stands in the item. */
export function intentAt(
  { index, operation, write, text, pieces }: Participant,
  attempt: number,
  transaction: { readonly id: string; readonly coordinator: string; readonly checks: boolean },
): Intent {
  return {
    transaction: transaction.id,
    coordinator: transaction.coordinator,
    index,
    attempt,
    checks: transaction.checks,
    operation,
    changes: text,
    pieces: pieces.length,
    version: operation === "put" ? nextVersion(write) : undefined,
    placeholder: write.before === undefined,
  };
}

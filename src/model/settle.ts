/** Writes as callers want them: applied, or the error that says why not. */
import { ConditionFailedError, ConflictError, OverwriteError, describeItem } from "../base/errors.js";
import type { PresentItemDetails } from "../base/errors.js";
import { attributeOf } from "../dynamodb/attribute.js";
import type { AttributeMap } from "../dynamodb/attribute.js";
import { pause } from "../dynamodb/pause.js";
import { placeOf } from "./binding.js";
import type { Binding } from "./binding.js";
import { clear } from "../intents/resolve.js";
import { describeStored } from "./item.js";
import { send } from "./sending.js";
import { guardHolds } from "./write.js";
import type { Guard, Write } from "./write.js";

/** How often a write that overwrites freely takes the item as it finds it and tries again. */
const maxOverwrites = 50;
/** How often a write meets another transaction in flight before that counts as a conflict. */
const maxCleared = 50;

function isHeld({ binding }: Write, stored: AttributeMap | undefined): boolean {
  return stored !== undefined && attributeOf(stored, binding.connection.reserved.intent) !== undefined;
}

/** Whether it looks as if nothing but the caller's own condition had failed. */
function mayBeOwn(write: Write, guard: Guard, stored: AttributeMap | undefined): boolean {
  return write.condition !== undefined && !isHeld(write, stored) && guardHolds(write, guard, stored);
}

/** The error of a refused write. */
export function refusal(
  write: Write,
  guard: Guard,
  stored: AttributeMap | undefined,
): ConflictError | ConditionFailedError {
  const { binding, keyValues, before, after } = write;
  const name = describeItem(binding.table, keyValues);
  const details: PresentItemDetails = { table: binding.table, key: keyValues, item: describeStored(binding, stored) };
  if (isHeld(write, stored)) return conflict(binding, details, `${name} is held by a transaction in flight`);
  if (mayBeOwn(write, guard, stored)) return new ConditionFailedError(`${name}: the condition does not hold`, details);
  if (before === undefined && after !== undefined) {
    const error = new OverwriteError(`${name} exists already`, details);
    binding.connection.emit("conflict", () => ({ table: binding.table, key: keyValues }));
    return error;
  }
  return conflict(
    binding,
    details,
    `${name} ${stored === undefined ? "was deleted" : "was changed"} since it was read`,
  );
}

function conflict({ connection, table }: Binding, details: PresentItemDetails, message: string): ConflictError {
  connection.emit("conflict", () => ({ table, key: details.key ?? {} }));
  return new ConflictError(message, details);
}

/** Applies a write that must find the item as it believes it. Throws `ConflictError`, `ConditionFailedError`, … */
export async function applyGuarded(write: Write, guard: Guard, signal: AbortSignal | undefined): Promise<void> {
  for (let cleared = 0; ; cleared++) {
    const settled = await send(write, guard, signal);
    if (settled.outcome === "applied") return;
    // Read apart from the refusal, the item may show no more what it was refused for: then only the second time tells.
    if (settled.told === false && cleared === 0 && mayBeOwn(write, guard, settled.stored)) continue;
    if (!isHeld(write, settled.stored) || cleared >= maxCleared) throw refusal(write, guard, settled.stored);
    // It was refused for what holds the item, so it was not applied: with that out of the way it may go out once more.
    await clear(placeOf(write.binding, write), settled.stored, { signal });
  }
}

/**
 * Applies a write over whatever is stored: it goes after the newest write it finds, so that a late duplicate of it can
 * land on nothing newer. Resolves with the write that was applied; `undefined`: the item to delete was gone.
 */
export async function applyOverwriting(first: Write, signal: AbortSignal | undefined): Promise<Write | undefined> {
  const { connection, table } = first.binding;
  let write = first;
  for (let attempt = 1; ; attempt++) {
    const settled = await send(write, "overwrite", signal);
    if (settled.outcome === "applied") return write;
    const isInFlight = isHeld(write, settled.stored);
    const mine = mayBeOwn(write, "overwrite", settled.stored);
    if (mine || attempt >= maxOverwrites) throw refusal(write, "overwrite", settled.stored);
    const stored = isInFlight ? await clear(placeOf(first.binding, first), settled.stored, { signal }) : settled.stored;
    if (stored === undefined && first.after === undefined) return undefined;
    write = onto(first, stored);
    await pause(connection, { reason: "conflict", table, backoff: connection.conflictBackoff, attempt, signal });
  }
}

/** The same write, onto the item as it stands; attributes outside the schema stay as they are found. */
function onto(first: Write, stored: AttributeMap | undefined): Write {
  const { binding, before, after } = first;
  const writeId = binding.connection.random.writeId();
  if (after === undefined || stored === undefined) return { ...first, before: stored, writeId };
  const carried: Record<string, AttributeMap[string]> = {};
  const { spec, connection } = binding;
  for (const name of Object.keys(stored)) {
    const value = stored[name];
    const dropped = before !== undefined && Object.hasOwn(before, name) && !Object.hasOwn(after, name); // by a migration
    if (value !== undefined && name !== connection.reserved.writeId && !spec.storedNames.has(name) && !dropped)
      carried[name] = value;
  }
  const mapped = Object.fromEntries(Object.entries(after).filter(([name]) => spec.storedNames.has(name)));
  const created = spec.createdAt && attributeOf(stored, spec.createdAt.stored);
  return {
    ...first,
    before: stored,
    after: { ...carried, ...mapped, ...(created && spec.createdAt && { [spec.createdAt.stored]: created }) },
    writeId,
  };
}

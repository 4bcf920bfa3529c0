/** What to do about a transaction in flight that stands in the way of a read or a write. */
import { monotonicMs } from "../base/clock.js";
import { unlessAborted } from "../base/abort.js";
import { ConflictError, CoordinatorError, RequestError, ValidationError, describeItem } from "../base/errors.js";
import type { AttributeMap } from "../dynamodb/attribute.js";
import type { Connection } from "../dynamodb/connection.js";
import type { Coordinator } from "../dynamodb/coordinator.js";
import { pause } from "../dynamodb/pause.js";
import type { TransactionRecord } from "../dynamodb/transaction-record.js";
import { changesOf } from "./changes.js";
import type { Changes } from "./changes.js";
import { flightsOf } from "./flights.js";
import { intentOf, underIntent } from "./intent.js";
import type { Intent } from "./intent.js";
import { applyRequest, land, rollbackRequest } from "./landing.js";
import { Leases } from "./leases.js";
import { join, pieceName } from "./parts.js";
import { readPlace } from "./place.js";
import type { Place } from "./place.js";

/** How often one read or write goes on to the next transaction that holds the item. */
const maxResolved = 200;
/** How many leases a write waits for items that a living transaction holds. */
const maxHeldLeases = 4;

const leases = new WeakMap<Connection, Leases>();

function leasesOf(connection: Connection): Leases {
  const known = leases.get(connection) ?? new Leases(connection.clock, connection.leaseMs);
  leases.set(connection, known);
  return known;
}

/** An intent in the way, and what is known of its transaction. */
interface Met {
  readonly place: Place;
  readonly intent: Intent;
  readonly coordinator: Coordinator;
  readonly record: TransactionRecord | undefined;
}

/**
 * What a reader of an item sees: its state before or after the transaction that holds it, never waiting for that to
 * end. `undefined`: absent. `push`: whether a transaction that has read other items must look at them again, now that
 * somebody has seen this one in its old state; a transaction's own reads do without, as it checks them at its commit.
 */
export async function readThrough(
  place: Place,
  stored: AttributeMap | undefined,
  { push, signal }: { readonly push: boolean; readonly signal?: AbortSignal | undefined },
): Promise<AttributeMap | undefined> {
  const { reserved, hooks } = place.connection;
  let seen = stored;
  for (let resolved = 1; seen !== undefined; resolved++) {
    const met = await meet(place, seen, signal);
    if (met === undefined) return seen;
    if (met !== "landed") {
      const { record, intent, coordinator } = met;
      if (record?.state === "pending" && !(await abandonedForReader(met))) {
        const pushes = push && intent.checks && hooks.without?.has("push") !== true;
        if (!pushes || (await coordinator.push(intent.transaction))) return underIntent(reserved, seen);
      } else {
        if (record === undefined && hooks.without?.has("what has ended is read again"))
          return underIntent(reserved, seen);
        const settled = await settleForReader(met, seen);
        if (settled.image !== undefined) return settled.image;
        if (!settled.over) await wait(place, resolved + 1, signal);
      }
    }
    if (resolved >= maxResolved) throw held(place);
    seen = await readPlace(place, signal);
  }
  return undefined;
}

export interface ClearOptions {
  /** The seniority of the transaction that asks; a plain write has none. */
  readonly priority?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The own transaction, whose intents are nobody else's. */
  readonly own?: string | undefined;
}

/**
 * Frees an item of what others have in flight there, and resolves with it as it stands then: a junior transaction or a
 * dead one is aborted, a senior one is waited for, a decided one is carried out. Throws `ConflictError` when a living
 * one does not end.
 */
export async function clear(
  place: Place,
  stored: AttributeMap | undefined,
  { priority, signal, own }: ClearOptions,
): Promise<AttributeMap | undefined> {
  const { connection } = place;
  const started = monotonicMs(connection.clock);
  let seen = stored;
  for (let attempt = 1; seen !== undefined; attempt++) {
    if (own !== undefined && intentOf(connection.reserved, seen)?.transaction === own) return seen;
    const met = await meet(place, seen, signal);
    if (met === undefined) return seen;
    if (met !== "landed" && !(await overcome(met, priority))) {
      const waited = monotonicMs(connection.clock) - started;
      if (waited > maxHeldLeases * connection.leaseMs) throw held(place);
      await wait(place, attempt + 1, signal); // from the second on: between two looks at one transaction there is always a wait
    }
    if (attempt >= maxResolved * maxHeldLeases) throw held(place);
    seen = await readPlace(place, signal);
  }
  return undefined;
}

/** Short, for most transactions end within some round trips. */
const waiting = { baseMs: 4, capMs: 100 };

function wait({ connection, table }: Place, attempt: number, signal: AbortSignal | undefined): Promise<void> {
  return pause(connection, { reason: "conflict", table, backoff: waiting, attempt, signal });
}

/** Whether the intent in an item is one of a transaction that is decided; it is settled unless `look` is set. */
export async function settleIfOver(place: Place, stored: AttributeMap, look = false): Promise<boolean> {
  const met = await meet(place, stored);
  if (met === undefined || met === "landed") return true;
  if (met.record?.state === "pending") return false;
  return look || settle(met);
}

function held({ connection, table, keyValues }: Place): ConflictError {
  connection.emit("conflict", () => ({ table, key: keyValues }));
  return new ConflictError(`${describeItem(table, keyValues)} is held by a transaction in flight`, {
    table,
    key: keyValues,
  });
}

/** `landed`: it was one of this process's own that has landed meanwhile. */
async function meet(place: Place, stored: AttributeMap, signal?: AbortSignal): Promise<Met | "landed" | undefined> {
  const intent = intentOf(place.connection.reserved, stored);
  if (intent === undefined) return undefined;
  const { connection } = place;
  const together = connection.hooks.without?.has("coordinators are told apart");
  const { coordinator } = together ? connection : await connection.connectionOf(intent.coordinator);
  const landing = flightsOf(coordinator).landing(intent.transaction, intent.index);
  if (landing !== undefined) {
    await unlessAborted(landing, signal);
    return "landed";
  }
  const record = await coordinator.record(intent.transaction);
  return { place, intent, coordinator, record: record?.state === "aborted" ? undefined : record };
}

/** Whether the intent is out of the way; `false`: its transaction lives and is senior. */
async function overcome(met: Met, priority: string | undefined): Promise<boolean> {
  const { record, coordinator, intent } = met;
  if (record?.state !== "pending") return settle(met);
  if (priority === undefined || priority >= record.priority) return abandoned(met);
  await coordinator.abort(intent.transaction);
  return true; // aborted, or decided meanwhile: the next look tells
}

/** Whether a pending transaction has shown no sign of life for a lease, and is aborted now. */
async function abandoned({ place, intent, coordinator, record }: Met): Promise<boolean> {
  const { connection, table, keyValues: key } = place;
  if (record === undefined || !leasesOf(connection).isOver(intent.transaction, record)) return false;
  const ending = await coordinator.abort(intent.transaction);
  if (ending === "done") connection.emit("recovered", () => ({ table, key, outcome: "undone" }));
  return true;
}

/** A reader who may not abort sees the old image all the same. */
async function abandonedForReader(met: Met): Promise<boolean> {
  try {
    return await abandoned(met);
  } catch (error) {
    if (error instanceof RequestError || error instanceof CoordinatorError) return false;
    throw error;
  }
}

/** A committed change that DynamoDB does not take (an index that no model knows refuses it) is seen all the same. */
async function settleForReader(
  met: Met,
  stored: AttributeMap,
): Promise<{ readonly over: boolean; readonly image?: AttributeMap }> {
  try {
    return { over: await settle(met) };
  } catch (error) {
    const { intent, coordinator, place, record } = met;
    const changes = await changesIn(intent, coordinator);
    const put = record?.attempts[intent.index] === intent.attempt && intent.operation === "put";
    if (!put || changes === undefined || !(error instanceof ValidationError || error instanceof RequestError))
      throw error;
    const { writeId, intent: name } = place.connection.reserved;
    const gone = new Set([...changes.remove, name]);
    const kept = Object.fromEntries(Object.entries(stored).filter(([attribute]) => !gone.has(attribute)));
    const version = intent.version === undefined ? {} : { [writeId]: { S: intent.version } };
    return { over: false, image: { ...kept, ...changes.set, ...version } };
  }
}

/** Carries out what was decided: the committed attempt gets through, any other is undone. Whether it is over. */
export async function settle({ place, intent, coordinator, record }: Met): Promise<boolean> {
  if (record?.state === "pending") return true; // aborted just now: the next look finds no record
  const named =
    record?.attempts[intent.index] === intent.attempt || place.connection.hooks.without?.has("attempts are named");
  if (record === undefined || !named || intent.operation === "chk") return land(place, rollbackRequest(place, intent));
  const changes = await changesIn(intent, coordinator);
  if (changes === undefined) return true; // a piece is gone: somebody has applied it
  return land(place, applyRequest(place, intent, changes));
}

const noChanges: Changes = { set: {}, remove: [] };

async function changesIn(intent: Intent, coordinator: Coordinator): Promise<Changes | undefined> {
  if (intent.operation !== "put") return noChanges;
  const { transaction, index, pieces } = intent;
  const names = Array.from({ length: pieces }, (_, piece) => pieceName(transaction, index, piece));
  const text = intent.changes ?? (await join(coordinator, names));
  return text === undefined ? undefined : changesOf(text);
}

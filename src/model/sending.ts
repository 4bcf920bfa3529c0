/** From a write to what became of it, also when its answer is lost. */
import { AmbiguousWriteError, ConflictError, RequestError, describeItem } from "../base/errors.js";
import type { AttributeMap } from "../dynamodb/attribute.js";
import type { ConnectionEvents } from "../dynamodb/connection-events.js";
import { pause } from "../dynamodb/pause.js";
import type { WriteRequest } from "../dynamodb/requests.js";
import { clear } from "../intents/resolve.js";
import { placeOf } from "./binding.js";
import type { Binding } from "./binding.js";
import { judge, writeIds } from "./verdict.js";
import { fenceRequest, requestOf } from "./write.js";
import type { Guard, Write } from "./write.js";

/** The item as it is stored now, raw; by a consistent read unless told otherwise. */
export async function readStored(
  { connection, table }: Binding,
  key: AttributeMap,
  signal?: AbortSignal,
  consistent = true,
): Promise<AttributeMap | undefined> {
  const { Item } = await connection.requests.get({ TableName: table, Key: key, ConsistentRead: consistent }, signal);
  return Item;
}

export type Settled =
  | { readonly outcome: "applied" }
  /** `stored`: the item as it stands; `told`: it came with the refusal, so that it is what was refused. */
  | { readonly outcome: "refused"; readonly stored: AttributeMap | undefined; readonly told?: boolean };

/** How often a write in doubt is looked for, or sent again, before it is given up as ambiguous. */
const maxLooks = 20;
/** How often a look may fail, each after the client's own retries. */
const maxFailedLooks = 4;

/**
 * Sends a write, and finds out what became of it when the answer is lost. A refused one comes back with the item as it
 * stands. Throws `AmbiguousWriteError` when nobody can tell; until then nothing is sent that could apply it twice.
 */
export async function send(write: Write, guard: Guard, signal: AbortSignal | undefined): Promise<Settled> {
  const { binding, key } = write;
  const request = requestOf(write, guard);
  const result = await binding.connection.requests.write(request, signal);
  if (result.outcome === "applied") return result;
  if (result.outcome === "doubt") {
    const search = new Search(write, guard, request, result.cause);
    return inquiry(write, result.cause, () => search.run(signal));
  }
  const stored = result.item ?? (await readStored(binding, key));
  // Sent once, but whatever lies between may have repeated it: then it was refused because it had been applied.
  if (writeIds(binding, stored).includes(write.writeId)) return { outcome: "applied" };
  return { outcome: "refused", stored, told: result.item !== undefined };
}

/** The item, looked at because of a write in doubt. Throws `AmbiguousWriteError` when it cannot be seen. */
export async function lookAt(write: Doubtful): Promise<AttributeMap | undefined> {
  const { connection, table } = write.binding;
  for (let failures = 1; ; failures++) {
    try {
      return await readStored(write.binding, write.key);
    } catch (error) {
      const again = error instanceof RequestError && error.retryable && failures < maxFailedLooks;
      if (!again) throw ambiguous(write, error);
    }
    await pause(connection, { reason: "doubt", table, backoff: connection.sendBackoff, attempt: failures });
  }
}

/** Tells the outcome of the search for a write whose answer was lost, whether it finds out or throws. */
export async function inquiry<Found extends Settled>(
  { binding: { connection, table }, keyValues: key }: Pick<Write, "binding" | "keyValues">,
  cause: unknown,
  search: () => Promise<Found>,
): Promise<Found> {
  const started = connection.clock.now();
  const tell = (outcome: ConnectionEvents["inquiry"]["outcome"], error: unknown): void =>
    connection.emit("inquiry", () => ({
      table,
      key,
      outcome,
      error,
      durationMs: connection.clock.now() - started,
    }));
  try {
    const found = await search();
    tell(found.outcome, cause);
    return found;
  } catch (error) {
    tell("ambiguous", error instanceof AmbiguousWriteError ? error.cause : error);
    throw error;
  }
}

/** The search for what became of a write whose answer was lost. */
class Search {
  readonly #write: Write;
  readonly #guard: Guard;
  readonly #request: WriteRequest;
  #cause: unknown;

  constructor(write: Write, guard: Guard, request: WriteRequest, cause: unknown) {
    this.#write = write;
    this.#guard = guard;
    this.#request = request;
    this.#cause = cause;
  }

  /** The signal keeps the write from being sent again; that it is in doubt is reported all the same. */
  async run(signal: AbortSignal | undefined): Promise<Settled> {
    const { connection, table } = this.#write.binding;
    let answer: { readonly stored: AttributeMap | undefined } | undefined;
    for (let look = 1; look <= maxLooks; look++) {
      const stored = answer === undefined ? await lookAt(this.#write) : answer.stored;
      const verdict = judge(this.#write, this.#guard, stored);
      if (verdict === "applied") return { outcome: "applied" };
      if (verdict === "passed") return { outcome: "refused", stored };
      if (verdict === "unknown") break;
      if (verdict === "held") {
        if (!(await this.#freed(stored))) break;
        answer = undefined;
        continue;
      }
      await pause(connection, { reason: "doubt", table, backoff: connection.conflictBackoff, attempt: look });
      // Refused though nothing has happened since: it was the caller's condition. The late one must not find it true.
      const unwanted = verdict === "stale" || (verdict === "pending" && answer !== undefined);
      answer = undefined;
      if (unwanted) {
        if (stored === undefined) break;
        if (await this.#fence(stored)) return { outcome: "refused", stored };
      } else if (verdict === "pending") {
        if (signal?.aborted) break;
        const settled = await this.#sendAgain();
        if (settled?.outcome === "applied") return settled;
        answer = settled;
      }
    }
    throw ambiguous(this.#write, this.#cause);
  }

  /** Whether nothing is in flight at the item any more. */
  async #freed(stored: AttributeMap | undefined): Promise<boolean> {
    try {
      await clear(placeOf(this.#write.binding, this.#write), stored, {});
      return true;
    } catch (error) {
      if (error instanceof ConflictError) return false;
      throw ambiguous(this.#write, error);
    }
  }

  /** `undefined`: in doubt again. What is provably not executed now says nothing of the first send. */
  async #sendAgain(): Promise<Settled | undefined> {
    const { binding, key } = this.#write;
    try {
      const result = await binding.connection.requests.write(this.#request);
      if (result.outcome === "applied") return result;
      if (result.outcome === "refused") {
        return { outcome: "refused", stored: result.item ?? (await readStored(binding, key)) };
      }
      this.#cause = result.cause;
      return undefined;
    } catch (error) {
      throw ambiguous(this.#write, error);
    }
  }

  /** Whether the late write can no longer pass. */
  async #fence(stored: AttributeMap): Promise<boolean> {
    try {
      const result = await this.#write.binding.connection.requests.write(fenceRequest(this.#write, stored));
      return result.outcome === "applied";
    } catch (error) {
      throw ambiguous(this.#write, error);
    }
  }
}

/** What must be known of a write to look for it. */
export type Doubtful = Pick<Write, "binding" | "key" | "keyValues">;

export function ambiguous({ binding, keyValues }: Doubtful, cause: unknown): AmbiguousWriteError {
  const item = { table: binding.table, key: keyValues };
  return new AmbiguousWriteError(
    `${describeItem(item.table, item.key)}: the write was sent and no answer proves whether it was applied; read the item before you decide`,
    { ...item, cause },
  );
}

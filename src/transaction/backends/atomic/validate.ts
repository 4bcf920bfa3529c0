import { allParallel } from "../../../base/parallel.js";
import type { AttributeMap } from "../../../dynamodb/attribute.js";
import { underIntent } from "../../../intents/intent.js";
import { readPlace } from "../../../intents/place.js";
import type { Place } from "../../../intents/place.js";
import { clear, readThrough } from "../../../intents/resolve.js";
import { placeOf } from "../../../model/binding.js";
import type { ReadItem } from "../../../model/footprint.js";
import { asWrite, isAsRead } from "../../../model/intent-request.js";
import { refusal } from "../../../model/settle.js";
import type { CommitTerms } from "./terms.js";

const parallelReads = 100;

/**
 * Sees, while the own intents are in their items, that what was only read is as it was, and that nobody else is about
 * to change it: such a transaction is aborted or waited for. Throws `ConflictError`.
 */
export async function validate(reads: readonly ReadItem[], terms: CommitTerms, own: string): Promise<void> {
  const { priority, signal, connection } = terms;
  const looks = connection.hooks.without?.has("validate minds intents") === true;
  await inOrder(reads, terms, async (place, stored) => {
    if (looks) return stored && underIntent(place.connection.reserved, stored);
    return clear(place, stored, { priority, signal, own });
  });
}

/**
 * Sees that items that were read one after the other were all there together at one time. Nothing is written but that
 * transactions in flight are made to validate again. Throws `ConflictError`.
 */
export async function validateSnapshot(reads: readonly ReadItem[], terms: CommitTerms): Promise<void> {
  await inOrder(reads, terms, (place, stored) => readThrough(place, stored, { push: true, signal: terms.signal }));
}

/**
 * Absent items first: they show no change and change back. Of two absent ones the later could come and go between the
 * looks at both; those are held by intents instead.
 */
async function inOrder(
  reads: readonly ReadItem[],
  { connection, signal }: CommitTerms,
  look: (place: Place, stored: AttributeMap | undefined) => Promise<AttributeMap | undefined>,
): Promise<void> {
  const check = async (read: ReadItem): Promise<void> => {
    const place = placeOf(read.binding, read);
    const seen = await look(place, await readPlace(place, signal));
    if (!isAsRead(read, seen)) throw refusal(asWrite(read), read.binding.spec.concurrency, seen);
  };
  const absent = reads.filter(({ image }) => image === undefined);
  const others = reads.filter(({ image }) => image !== undefined);
  const groups = connection.hooks.without?.has("absent first") ? [others, absent] : [absent, others];
  for (const group of groups) await allParallel(group, parallelReads, check);
}

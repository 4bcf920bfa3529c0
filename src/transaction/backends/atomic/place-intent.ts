import { failed } from "../../../dynamodb/requests.js";
import type { WriteResult } from "../../../dynamodb/requests.js";
import { pause } from "../../../dynamodb/pause.js";
import { intentOf, intentValue, underIntent } from "../../../intents/intent.js";
import { readPlace } from "../../../intents/place.js";
import { clear } from "../../../intents/resolve.js";
import { intentRequest } from "../../../model/intent-request.js";
import { refusal } from "../../../model/settle.js";
import { guardHolds } from "../../../model/write.js";
import { intentAt } from "./participant.js";
import type { Participant } from "./participant.js";
import type { CommitTerms } from "./terms.js";

/** How often an intent that went unanswered is looked for and sent again. */
const maxDoubts = 20;
/** How often one item is met in the hands of others before that counts as a conflict. */
const maxHolders = 200;

/** The transaction as its intents name it. */
export interface Author {
  readonly id: string;
  readonly coordinator: string;
  /** Whether it depends on items that were only read. */
  readonly checks: boolean;
}

/** On whose behalf intents are placed. */
export interface Placing {
  readonly terms: CommitTerms;
  readonly self: Author;
  /** Why no further intent is to be placed. */
  readonly broken: () => { readonly error: unknown } | undefined;
}

/** Puts the intent of a participant into its item. Throws `ConflictError` when the item is no longer as it was read. */
export async function placeIntent(participant: Participant, { terms, self, broken }: Placing): Promise<void> {
  const { write, place } = participant;
  const { binding } = write;
  const { connection, table } = binding;
  const guard = binding.spec.concurrency;
  const { priority, signal } = terms;
  let doubts = 0;
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    const failure = broken();
    if (failure !== undefined) throw failure.error;
    participant.attempt = attempt;
    const intent = intentValue(intentAt(participant, attempt, self));
    const result = await connection.requests.write(intentRequest(write, guard, intent));
    if (result.outcome === "applied") return;
    const told = result.outcome === "refused" ? result.item : undefined;
    const stored = told ?? (await readPlace(place));
    const found = intentOf(connection.reserved, stored);
    if (found?.transaction === self.id) {
      if (!terms.connection.hooks.without?.has("attempts are adopted")) participant.attempt = found.attempt; // one whose answer was lost
      return;
    }
    const under = stored && underIntent(connection.reserved, stored);
    // What was read apart from the refusal need not be what was refused: then only the second time tells.
    const free = result.outcome === "refused" && found === undefined;
    const unmet = free && write.condition !== undefined && (told !== undefined || doubts > 0);
    if (!guardHolds(write, guard, under) || unmet || attempt >= maxHolders) throw refusal(write, guard, under);
    if (found !== undefined) {
      await clear(place, stored, { priority, signal, own: self.id });
      continue;
    }
    if (++doubts > maxDoubts) throw unanswered(participant, result);
    await pause(connection, { reason: "doubt", table, backoff: connection.sendBackoff, attempt: doubts });
  }
}

function unanswered({ place }: Participant, result: WriteResult): Error {
  const cause = result.outcome === "doubt" ? result.cause : undefined;
  return failed("UpdateItem", place.table, cause, true);
}

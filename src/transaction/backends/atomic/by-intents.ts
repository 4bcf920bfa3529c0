import type { Footprint } from "../../../model/footprint.js";
import { IntentCommit } from "./intent-commit.js";
import { checking, writing } from "./participant.js";
import type { CommitTerms } from "./terms.js";
import { validateSnapshot } from "./validate.js";

/**
 * Commits a footprint of any size, on any number of endpoints: all of it or nothing. Throws `ConflictError` when
 * something is no longer as it was read, `ConditionFailedError`, `CoordinatorError`, `AmbiguousWriteError`.
 */
export async function commitByIntents({ writes, reads }: Footprint, terms: CommitTerms): Promise<void> {
  const absent = reads.filter(({ image }) => image === undefined);
  // Looking at one absent item and then at another does not show that both were absent at one time.
  const hold = absent.length > 1 && !terms.connection.hooks.without?.has("absent items are intended");
  const held = hold ? absent : [];
  const participants = [
    ...writes.map((write, index) => writing(write, index)),
    ...held.map((read, at) => checking(read, writes.length + at)),
  ];
  const checked = hold ? reads.filter(({ image }) => image !== undefined) : reads;
  await new IntentCommit(participants, checked, terms).run();
}

/** Checks that everything that a transaction without writes has read was there at one time. Throws `ConflictError`. */
export async function validateReads(footprint: Footprint, terms: CommitTerms): Promise<void> {
  if (terms.connection.hooks.without?.has("snapshots are read twice")) return;
  const absent = footprint.reads.filter(({ image }) => image === undefined);
  const hold = absent.length > 1 && !terms.connection.hooks.without?.has("absent items are intended");
  await (hold ? commitByIntents(footprint, terms) : validateSnapshot(footprint.reads, terms));
}

import { AmbiguousWriteError, ConflictError, describeItem } from "../../base/errors.js";
import type { KeyValues } from "../../base/errors.js";
import { itemIn, itemOfGetter, saveInstance } from "../../model/model-core.js";
import type { GetterItem } from "../../model/model-core.js";
import type { CommitRun, StepwiseBackend } from "../backend.js";
import { combine } from "../combining/combine.js";
import { retryOn } from "../retry.js";
import { asSetter, insideSetter } from "../../model/session.js";
import { getTarget } from "../target.js";
import type { TransactorParts } from "../transactor.js";
import { turnsOf } from "../turns.js";

/**
 * Each target commits on its own, in order, by one conditional write: exactly once, and never over somebody else's
 * change; after a conflict its getter and setter run again. Commits of one process whose getters know the same item
 * share a read and a write. A failure part-way leaves the targets before it changed and the transaction's status
 * `running`.
 */
export function sequential(): StepwiseBackend {
  return backend;
}

const backend: StepwiseBackend = {
  name: "sequential",
  holdsWrites: false,
  async applyTransactors(run) {
    for (const parts of run.transactors) await applyOne(run, parts);
  },
};

async function applyOne(run: CommitRun, parts: TransactorParts): Promise<void> {
  const { connection, table, report, maxRetries, signal } = run;
  const known = itemOfGetter(parts.getter);
  // Inside a setter it might wait for the batch that waits for it.
  let combined = insideSetter() ? undefined : known;
  /** The item of a getter that did not say which one it reads. */
  let shown: string | undefined;
  const work = async (times: number): Promise<void> => {
    report.attempting(times, () => known && itemIn(known));
    if (combined !== undefined && (await applyCombined(run, combined, parts))) return;
    combined = undefined;
    const item = known === undefined ? shown : nameOf(known);
    const endTurn = item === undefined || insideSetter() ? undefined : await turnsOf(connection).take(item, signal);
    try {
      await attempt(run, parts);
    } catch (error) {
      // A getter that did not say which item it reads has shown it now: the next attempt waits for its turn.
      if (error instanceof ConflictError) shown ??= itemOf(error);
      throw error;
    } finally {
      endTurn?.();
    }
  };
  await retryOn(ConflictError, work, {
    connection,
    table,
    report,
    maxRetries,
    signal,
    onRetry: () => report.retrying(),
  });
}

/** Whether it is done. False: it is not to be combined. */
async function applyCombined(run: CommitRun, item: GetterItem, { setter }: TransactorParts): Promise<boolean> {
  const { setterTimeoutMs, signal } = run;
  if (setterTimeoutMs === undefined) return false;
  const outcome = await combine(item, { setter, setterTimeoutMs, signal });
  switch (outcome.kind) {
    case "applied":
      run.targetSaved();
      return true;
    case "doubt":
      run.targetSaved(); // it may have been
      throw outcome.error;
    case "failed":
      throw outcome.error;
    case "alone":
      signal?.throwIfAborted();
      return false;
  }
}

function nameOf(known: GetterItem): string {
  const { table, key } = itemIn(known);
  return describeItem(table, key);
}

function itemOf({ table, key }: { table?: string | undefined; key?: KeyValues | undefined }): string | undefined {
  return table === undefined || key === undefined ? undefined : describeItem(table, key);
}

async function attempt(run: CommitRun, { getter, setter }: TransactorParts): Promise<void> {
  const target = await getTarget(getter);
  // The types of transactor() bind the setter to what the getter returns.
  await asSetter(() => setter(target as never));
  try {
    await saveInstance(target, { raiseOnConflict: true, signal: run.signal });
  } catch (error) {
    if (error instanceof AmbiguousWriteError) run.targetSaved(); // it may have been
    throw error;
  }
  run.targetSaved();
}

import {
  AmbiguousWriteError,
  ConflictError,
  ItemNotFoundError,
  TargetNotFoundError,
  describeItem,
} from "../../base/errors.js";
import type { Connection } from "../../dynamodb/connection.js";
import { internalsOf, itemOfGetter, saveInstance } from "../../model/model-core.js";
import type { Backend, CommitRun } from "../backend.js";
import { retryOn } from "../retry.js";
import type { TransactorParts } from "../transactor.js";
import { Turns } from "../turns.js";

/**
 * Each target commits on its own, in order, by one conditional write: exactly once, and never over somebody else's
 * change; after a conflict its getter and setter run again. A failure part-way leaves the targets before it changed and
 * the transaction's status `running`.
 */
export function sequential(): Backend {
  return backend;
}

const backend: Backend = {
  name: "sequential",
  holdsWrites: false,
  async applyTransactors(run) {
    for (const parts of run.transactors) await applyOne(run, parts);
  },
};

async function applyOne(run: CommitRun, parts: TransactorParts): Promise<void> {
  const { connection, table, report, maxRetries, signal } = run;
  let item = knownItem(parts.getter);
  const work = async (times: number): Promise<void> => {
    const endTurn = item === undefined ? undefined : await turnsOf(connection).take(item, signal);
    try {
      report.attempting(times, () => itemOfGetter(parts.getter));
      await attempt(run, parts);
    } catch (error) {
      // A getter that did not say which item it reads has shown it now: the next attempt waits for its turn.
      if (error instanceof ConflictError) item ??= itemOf(error);
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

const maxTurnMs = 2000;
const turns = new WeakMap<Connection, Turns>();

/** The turns of all commits of this process on one connection. */
function turnsOf(connection: Connection): Turns {
  const known = turns.get(connection) ?? new Turns(connection.clock, maxTurnMs);
  turns.set(connection, known);
  return known;
}

function knownItem(getter: TransactorParts["getter"]): string | undefined {
  const known = itemOfGetter(getter);
  return known && describeItem(known.table, known.key);
}

function itemOf({ table, key }: ConflictError): string | undefined {
  return table === undefined || key === undefined ? undefined : describeItem(table, key);
}

async function attempt(run: CommitRun, { getter, setter }: TransactorParts): Promise<void> {
  const target = await getTarget(getter);
  // The types of transactor() bind the setter to what the getter returns.
  await setter(target as never);
  try {
    await saveInstance(target, { raiseOnConflict: true, signal: run.signal });
  } catch (error) {
    if (error instanceof AmbiguousWriteError) run.targetSaved(); // it may have been
    throw error;
  }
  run.targetSaved();
}

/** The target of a getter. Throws `TargetNotFoundError` when it finds none. */
export async function getTarget(getter: TransactorParts["getter"]): Promise<object> {
  let target: unknown;
  try {
    target = await getter();
  } catch (error) {
    if (!(error instanceof ItemNotFoundError) || error instanceof TargetNotFoundError) throw error;
    const { table, key } = error;
    throw new TargetNotFoundError(`the target of a transaction was not found: ${error.message}`, {
      table,
      key,
      cause: error,
    });
  }
  if (target === undefined || target === null)
    throw new TargetNotFoundError("the target of a transaction was not found: its getter returned nothing");
  internalsOf(Object(target)); // refuses what is no instance of a model
  return Object(target);
}

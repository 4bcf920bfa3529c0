import { describeItem } from "../../base/errors.js";
import { itemIn, itemOfGetter } from "../../model/model-core.js";
import type { CommitReport } from "../commit-report.js";
import type { Operation } from "../operation.js";
import { asSetter } from "../../model/session.js";
import { getTarget } from "../target.js";
import { partsOf } from "../transactor.js";
import type { TransactorParts } from "../transactor.js";
import type { Attempt } from "./held-run.js";

export interface OperationAttempt extends Attempt {
  readonly operation: Operation;
  readonly report: CommitReport;
  readonly signal: AbortSignal | undefined;
  /** Whether it is the whole transaction, and not a part of one. */
  readonly whole: boolean;
}

/** Runs an operation inside a running transaction: its targets, its parts, and its row, which are all held back. */
export async function attemptOperation(around: OperationAttempt): Promise<void> {
  const { operation, session, run, report, signal, whole } = around;
  const { transaction } = operation;
  transaction.status = "pending"; // whatever the attempt before has left
  const transactors = partsOf(await transaction.transactors());
  if (whole) await run.takeTurns(transactors.flatMap(nameOf));
  for (const parts of transactors) {
    signal?.throwIfAborted();
    await attemptTarget(around, parts);
  }
  if (transaction.subtransactions.length > 0) signal?.throwIfAborted();
  await operation.applyParts({ report, partChanged: () => {} });
  transaction.status = "done";
  // One that was announced is brought up to date in any case.
  if (operation.written) await transaction.save({ raiseOnConflict: true });
  else if (operation.wanted) await operation.insertRow();

  async function attemptTarget({ attempt }: Attempt, { getter, setter }: TransactorParts): Promise<void> {
    const known = itemOfGetter(getter);
    report.attempting(attempt, () => known && itemIn(known));
    const target = await getTarget(getter);
    // The types of transactor() bind the setter to what the getter returns.
    await asSetter(() => setter(target as never));
    session.target(target);
  }
}

function nameOf({ getter }: TransactorParts): string[] {
  const known = itemOfGetter(getter);
  if (known === undefined) return [];
  const { table, key } = itemIn(known);
  return [describeItem(table, key)];
}

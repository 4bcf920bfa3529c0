import { ValidationError } from "../../base/errors.js";
import { asSetter, outsideSession } from "../../model/session.js";
import { insertRow } from "../row.js";
import type { Operation } from "../operation.js";
import { attemptOperation } from "./held-attempt.js";
import type { Attempt } from "./held-run.js";
import type { Part } from "./part.js";

/**
 * Commits an operation inside a running transaction: it becomes a part of that one, with no commit of its own. What it
 * throws is the caller's: uncaught, it ends the whole.
 */
export async function joinRun(operation: Operation, around: Attempt, given: AbortSignal | undefined): Promise<void> {
  const { run, attempt } = around;
  const part = run.part(operation);
  const again = part.attempt === attempt;
  if (again && part.ended)
    throw new ValidationError(
      `${operation.policy.name}: this instance was committed in the running transaction already; make another one for another operation`,
    );
  if (again) part.isSetUp = false; // it has failed, and that was caught: another operation
  part.attempt = attempt;
  part.error = undefined;
  const signal = given ?? run.signal;
  await part.report.run(async () => {
    try {
      signal?.throwIfAborted();
      await prepare(part, operation);
      const { session } = around;
      await attemptOperation({ run, session, attempt, operation, report: part.report, signal, whole: false });
      part.ended = true;
    } catch (error) {
      part.undone(error);
      throw error;
    }
  });
}

/** What is done once, however many attempts follow, and not held back. */
async function prepare(part: Part, operation: Operation): Promise<void> {
  if (part.isSetUp) return;
  operation.begin();
  // As in a setter, nobody is waited for who may wait for this transaction.
  await outsideSession(() => asSetter(() => operation.setUp()));
  operation.checkRow();
  if (operation.announced) await outsideSession(() => insertRow(operation, part.report));
  part.isSetUp = true;
}

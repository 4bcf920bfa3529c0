import { OverwriteError } from "../base/errors.js";
import type { CommitReport } from "./commit-report.js";
import { maxDatetimes } from "./operation.js";
import type { Operation } from "./operation.js";
import { retryOn } from "./retry.js";

/** Saves the row as a new one. A datetime that somebody else has taken is passed over; the caller's signal does not stop it. */
export async function insertRow(operation: Operation, report: CommitReport): Promise<void> {
  const { connection, binding } = operation;
  await retryOn(OverwriteError, () => operation.insertRow(), {
    connection,
    table: binding.table,
    report,
    maxRetries: maxDatetimes,
  });
}

/** Saves the row as the status now wants it, by itself. */
export async function saveRow(operation: Operation, report: CommitReport): Promise<void> {
  const { transaction, transient, written, wanted } = operation;
  if (transient) return;
  if (written && !wanted && transaction.status === "pending") return transaction.delete(); // nothing changed: no row
  if (written) return transaction.save({ raiseOnConflict: true });
  if (wanted) await insertRow(operation, report);
}

/** Saves the row of an operation that failed. Its error is the one to report: the row's own comes out as an event. */
export async function saveRowAfter(error: unknown, operation: Operation, report: CommitReport): Promise<void> {
  try {
    await saveRow(operation, report);
  } catch (rowError) {
    const { connection, binding } = operation;
    connection.emit("rowLost", () => ({
      ...report.event(),
      table: binding.table,
      error: rowError,
      failure: error,
    }));
  }
}

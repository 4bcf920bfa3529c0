import { AmbiguousWriteError } from "../../base/errors.js";
import type { AtomicBackend } from "../backend.js";
import type { CommitReport } from "../commit-report.js";
import type { Operation } from "../operation.js";
import { insertRow, saveRowAfter } from "../row.js";
import { attemptOperation } from "./held-attempt.js";
import { HeldRun } from "./held-run.js";

/** Commits an operation with all its parts and rows at once, or nothing of it. */
export function commitHeld(
  operation: Operation,
  backend: AtomicBackend,
  signal: AbortSignal | undefined,
): Promise<void> {
  operation.begin();
  const report = operation.report(backend);
  return report.run(() => reported(operation, backend, report, signal));
}

async function reported(
  operation: Operation,
  backend: AtomicBackend,
  report: CommitReport,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { transaction } = operation;
  try {
    await whole(operation, backend, report, signal);
  } catch (error) {
    // A row that was announced tells of an operation in doubt; another one is a part of what is in doubt.
    if (error instanceof AmbiguousWriteError) changed(operation, "running");
    else await notChanged(error, operation, report);
    report.failed(error, transaction.status);
    throw error;
  }
  changed(operation, "done");
  report.done();
}

async function whole(
  operation: Operation,
  backend: AtomicBackend,
  report: CommitReport,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { connection, binding, policy } = operation;
  signal?.throwIfAborted();
  await operation.setUp();
  operation.checkRow();
  if (operation.announced) await insertRow(operation, report);
  const run = new HeldRun({
    backend,
    table: binding.table,
    maxRetries: policy.maxRetries,
    signal,
    home: () => ({ connection, report }),
  });
  await run.commit(({ session, attempt }) =>
    attemptOperation({ run, session, attempt, operation, report, signal, whole: true }),
  );
}

/** What a part has changed, the whole has changed. */
function changed(operation: Operation, status: "running" | "done"): void {
  operation.transaction.status = status;
  operation.whole?.partChanged();
}

async function notChanged(error: unknown, operation: Operation, report: CommitReport): Promise<void> {
  operation.transaction.status = "pending";
  if (!operation.written) operation.forgetRow();
  await saveRowAfter(error, operation, report);
}

import { ValidationError } from "../base/errors.js";
import { commitHeld } from "./session/held-commit.js";
import { runningAttempt } from "./session/held-run.js";
import { joinRun } from "./session/joined-commit.js";
import { Operation } from "./operation.js";
import type { Committable, CommitPolicy } from "./operation.js";
import { StepwiseCommit } from "./stepwise-commit.js";
import type { CommitOptions } from "./types.js";

const running = new WeakMap<object, CommitOptions>();

/** The options of the commit an instance is in; for sub-transactions, which run on the same terms. */
export function runningOptions(transaction: object): CommitOptions {
  return running.get(transaction) ?? {};
}

/** Runs one commit; see `TransactionInstance.commit`. Inside a running transaction it becomes a part of that one. */
export async function commitTransaction(
  transaction: Committable,
  policy: CommitPolicy,
  options: CommitOptions,
): Promise<void> {
  if (running.has(transaction))
    throw new ValidationError(
      `${policy.name}: this instance is being committed already; make another one for another operation`,
    );
  if (!Number.isInteger(policy.maxRetries) || policy.maxRetries < 1) {
    throw new ValidationError(
      `${policy.name}.maxRetries must be a whole number from 1 on, but it is ${policy.maxRetries}`,
    );
  }
  const backend = options.backend ?? policy.backend;
  running.set(transaction, options);
  try {
    const operation = new Operation(transaction, policy);
    const around = runningAttempt();
    if (around !== undefined) await joinRun(operation, around, options.signal);
    else if (backend.holdsWrites) await commitHeld(operation, backend, options.signal);
    else await new StepwiseCommit(operation, backend, options).run();
  } finally {
    running.delete(transaction);
  }
}

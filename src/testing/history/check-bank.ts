import { ValidationError } from "../../base/errors.js";
import type { CheckOptions, HistoryReport } from "./anomaly.js";
import { Findings } from "./findings.js";
import type { History, Operation, Snapshot } from "./operation.js";
import { operationText } from "./text.js";

export interface BankOptions extends CheckOptions {
  /** What all balances add up to, always. */
  readonly total: number;
  /** Whether balances may be below zero. Default: false. */
  readonly allowNegative?: boolean | undefined;
}

/**
 * Checks that whoever saw all balances at once (`op.snapshot`) saw the total, and none below zero: transfers are all or
 * nothing, none is lost and none done twice. Only operations that are `ok` count. It says nothing about the age of what
 * was seen; `checkHistory` does, of lists. Throws `ValidationError` for balances or totals that are no safe integers.
 */
export function checkBank(history: History, options: BankOptions): HistoryReport {
  const { total, allowNegative = false } = options;
  const findings = new Findings(options);
  const counts = { ok: 0, failed: 0, unknown: 0, unknownSeen: 0, reads: 0 };
  if (!Number.isSafeInteger(total)) throw new ValidationError(`the total must be a safe integer: ${total}`);
  history.forEach((operation, index) => {
    counts[operation.outcome]++;
    if (operation.outcome !== "ok") return;
    for (const step of operation.steps) {
      if (step.type !== "snapshot") continue;
      counts.reads++;
      checkSnapshot(step, index, operation, { total, allowNegative }, findings);
    }
  });
  const { anomalies, omitted } = findings;
  return { valid: anomalies.length + omitted === 0, anomalies, omitted, counts };
}

function checkSnapshot(
  { balances }: Snapshot,
  reader: number,
  operation: Operation,
  { total, allowNegative }: Required<Pick<BankOptions, "total" | "allowNegative">>,
  findings: Findings,
): void {
  let sum = 0;
  for (const [account, balance] of Object.entries(balances)) {
    sum += balance;
    if (!Number.isSafeInteger(balance) || !Number.isSafeInteger(sum))
      throw new ValidationError(
        `balances and their sums must be safe integers: ${account} in T${reader} is ${balance}`,
      );
    if (balance < 0 && !allowNegative) {
      const explanation = `T${reader} saw ${balance} in account ${account}`;
      findings.add({ kind: "negativeBalance", reader, account, explanation });
    }
  }
  if (sum === total) return;
  const seen = JSON.stringify(balances);
  const explanation = `${operationText(reader, operation)}: the balances ${seen} add up to ${sum}, not to ${total}`;
  findings.add({ kind: "wrongTotal", reader, sum, explanation });
}

/** What must be true when everything is over. */
import { HistoryRecorder, checkBank, checkHistory, readHistory } from "dynatx/testing";
import type { History, HistoryReport, Operation } from "dynatx/testing";
import { rawTable } from "../support/raw-table.js";
import { bankFaults } from "./bank-faults.js";
import { stored } from "./models.js";
import { tallyKey } from "./operations/counting.js";
import { allSlots, see } from "./slot.js";
import { totalOfAccounts } from "./world.js";
import type { World } from "./world.js";
import { layoutOf } from "../../src/dynamodb/table.js";

export interface Verdict {
  readonly history: HistoryReport;
  readonly bank: HistoryReport;
  /** Everything else that is not as it should be. */
  readonly faults: readonly string[];
  /** How often an operation of each kind came to each outcome. */
  readonly outcomes: ReadonlyMap<string, Record<Operation["outcome"], number>>;
  /** By the name of the error: how often an operation's outcome stayed unknown. */
  readonly doubts: ReadonlyMap<string, number>;
}

/** Errors that a fault or another transaction may bring about. */
const expected = new Set([
  ...["AmbiguousWriteError", "RequestError", "MaxRetriesExceededError", "ConflictError", "OverwriteError"],
  ...["ItemNotFoundError", "TargetNotFoundError", "InsufficientFunds"],
]);

/** Looks at every list once more, as the last operations of the history. */
export async function lookAtAll(world: World, generations: number, file: string): Promise<void> {
  const recorder = new HistoryRecorder({ file });
  for (let generation = 0; generation < generations; generation++)
    for (const slot of allSlots(world, generation))
      await recorder.operation("end all", async (op) => see(op, slot.key, await slot.find()));
  recorder.close();
}

export async function judge(world: World, files: readonly string[]): Promise<Verdict> {
  const history = await readHistory(files);
  const faults = [
    ...errorFaults(history),
    ...(await leftovers(world)),
    ...(await tallyFaults(world, history)),
    ...(await bankFaults(world, history)),
  ];
  return {
    history: checkHistory(history),
    bank: checkBank(history, { total: totalOfAccounts }),
    faults,
    outcomes: outcomesOf(history),
    doubts: doubtsOf(history),
  };
}

const nameOf = ({ error }: Operation): string | undefined => error?.slice(0, error.indexOf(":"));

function errorFaults(history: History): string[] {
  return history.flatMap((operation) => {
    const name = nameOf(operation);
    if (name === undefined || expected.has(name)) return [];
    return [`${operation.process} ended with ${operation.error}`];
  });
}

/** A11: nothing is in flight any more, and nothing tells of what was. */
async function leftovers({ regions }: World): Promise<string[]> {
  const found: string[] = [];
  for (const { name, connection } of regions) {
    for (const model of stored) {
      const { table } = model[layoutOf];
      for (const item of await rawTable(connection, table).scan())
        if (item["_tx"] !== undefined) found.push(`in flight in ${name}${table}: ${JSON.stringify(item)}`);
    }
    for (const record of await rawTable(connection, "dynatx").scan())
      if (record["id"]?.S !== "identity") found.push(`left in ${name}dynatx: ${JSON.stringify(record)}`);
  }
  return found;
}

async function tallyFaults({ tallies }: World, history: History): Promise<string[]> {
  const faults: string[] = [];
  for (const { id, region } of tallies) {
    const { total } = await region.Tallies.get(id);
    const counted = (outcome: Operation["outcome"]): number =>
      history.filter((operation) => operation.outcome === outcome && appends(operation, tallyKey(id))).length;
    const [least, doubtful] = [counted("ok"), counted("unknown")];
    if (total < least || total > least + doubtful)
      faults.push(`tally ${id} is ${total} after ${least} acknowledged increments and ${doubtful} unknown ones`);
  }
  return faults;
}

function appends({ steps }: Operation, key: string): boolean {
  return steps.some((step) => step.type === "append" && step.key === key);
}

function outcomesOf(history: History): Map<string, Record<Operation["outcome"], number>> {
  const outcomes = new Map<string, Record<Operation["outcome"], number>>();
  for (const { process, outcome } of history) {
    const kind = String(process).split(" ").at(-1) ?? "";
    const counts = outcomes.get(kind) ?? { ok: 0, failed: 0, unknown: 0 };
    counts[outcome]++;
    outcomes.set(kind, counts);
  }
  return outcomes;
}

function doubtsOf(history: History): Map<string, number> {
  const doubts = new Map<string, number>();
  for (const operation of history) {
    if (operation.outcome !== "unknown") continue;
    const name = nameOf(operation) ?? "killed";
    doubts.set(name, (doubts.get(name) ?? 0) + 1);
  }
  return doubts;
}

/** What must be true when everything is over. */
import { HistoryRecorder, checkBank, checkHistory, readHistory } from "dynatx/testing";
import type { History, HistoryReport } from "dynatx/testing";
import { runTx } from "dynatx/zktx";
import type { StorageTransaction } from "dynatx/zktx";
import type { ZKStorage } from "dynatx/zookeeper";
import { accounts, listsOf, total } from "./keys.js";

export interface Verdict {
  readonly history: HistoryReport;
  readonly bank: HistoryReport;
  /** Everything else that is not as it should be. */
  readonly faults: readonly string[];
  /** By the error: how many transactions ended so. */
  readonly errors: ReadonlyMap<string, number>;
  readonly journals: number;
}

/** By then the sessions of whoever was killed are over. */
const patienceMs = 20_000;

/** What a fault may bring about, as the history has it. */
const expected = /^(NotCommitted: )?(ConnectionLoss|TXTimeout|Whim):/;

/** Looks at everything once more, as the last operations of the history; that breaks the locks of the dead, too. */
export async function lookAtAll(storage: ZKStorage, generations: number, file: string): Promise<void> {
  const recorder = new HistoryRecorder({ file });
  const look = (keys: readonly string[]): Promise<unknown> =>
    recorder.operation("end", (op) =>
      runTx(
        storage,
        async (tx) => {
          op.restart();
          const records = await tx.lockGetAll(keys, { timeout: 60_000 });
          if (keys === accounts) op.snapshot(Object.fromEntries(records.map(({ k, v }) => [k, v])));
          else records.forEach(({ k, v }) => op.read(k, v));
          await tx.commit();
        },
        { timeout: 60_000 },
      ),
    );
  await look(accounts);
  for (let generation = 0; generation < generations; generation++) await look(listsOf(generation));
  recorder.close();
  await runTx(storage, (tx: StorageTransaction) => tx.commit({ force: true })); // its journal covers those before it
}

export async function judge(storage: ZKStorage, root: string, files: readonly string[]): Promise<Verdict> {
  const history = await readHistory(files);
  const journals = await readJournals(storage, root);
  const faults = [
    ...history.flatMap(({ process, error }) =>
      error === undefined || expected.test(error) ? [] : [`${process}: ${error}`],
    ),
    ...(await leftovers(storage, root)),
    ...(await journalFaults(storage, journals)),
  ];
  const bank = checkBank(history, { total });
  return { history: checkHistory(history), bank, faults, errors: errorsOf(history), journals: journals.length };
}

/** The transactions that are marked as alive still when all sessions of the killed are over. */
export async function marksLeft(storage: ZKStorage, root: string): Promise<readonly number[]> {
  const names = await (await storage.client.session()).children(`${root}/tx/alive`);
  const patience = AbortSignal.timeout(patienceMs);
  const left: number[] = [];
  for (const txid of names.map(Number)) {
    await storage.waitDead(txid, patience).catch(() => left.push(txid));
  }
  return left;
}

async function leftovers(storage: ZKStorage, root: string): Promise<string[]> {
  const marks = await marksLeft(storage, root);
  const locks = await (await storage.client.session()).children(`${root}/lock`);
  const states = await storage.stateTxids();
  return [
    ...marks.map((txid) => `the mark of life of ${txid} is left`),
    ...locks.map((key) => `the lock of ${key} is left`),
    ...states.map((txid) => `state ${txid} is left`),
  ];
}

async function readJournals(storage: ZKStorage, root: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const names = await (await storage.client.session()).children(`${root}/tx/journal`);
  const ids = names.map((name) => Number(name.slice(-10))).toSorted((a, b) => a - b);
  return Promise.all(ids.map(async (id) => (await storage.journal.get(id))[0]));
}

/** Whoever follows the journals has what is in the records. */
async function journalFaults(
  storage: ZKStorage,
  journals: readonly Readonly<Record<string, unknown>>[],
): Promise<string[]> {
  const replica = new Map<string, unknown>();
  for (const journal of journals) for (const [key, value] of Object.entries(journal)) replica.set(key, value);
  const faults: string[] = [];
  for (const [key, value] of replica) {
    const [stored] = await storage.getLatest(key);
    if (JSON.stringify(stored) !== JSON.stringify(value))
      faults.push(`${key} is ${JSON.stringify(stored)}, and ${JSON.stringify(value)} by the journals`);
  }
  const [{ COMMITTED }] = await storage.journalIdSet.get();
  const known = JSON.stringify(COMMITTED);
  if (known !== `[[0,${journals.length}]]`) faults.push(`${journals.length} journals, known as committed: ${known}`);
  return faults;
}

function errorsOf(history: History): ReadonlyMap<string, number> {
  const errors = new Map<string, number>();
  for (const { outcome, error } of history) {
    if (outcome === "ok") continue;
    const name = error === undefined ? "killed" : (expected.exec(error)?.[0].slice(0, -1) ?? error);
    errors.set(`${outcome}, ${name}`, (errors.get(`${outcome}, ${name}`) ?? 0) + 1);
  }
  return errors;
}

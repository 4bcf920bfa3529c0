import type { Batch } from "dynatx/zktx";
import { HistoryRecorder } from "dynatx/testing";
import { ZKStorage } from "dynatx/zookeeper";
import { Dice } from "../../support/dice.js";
import { Line, NotCommitted } from "./line.js";
import type { Orders, Place } from "./orders.js";

/** How a commit is sent; calls `send` once. */
export type AroundCommit = (send: () => Promise<number | undefined>) => Promise<number | undefined>;

export function storageAt({ hosts, root, sessionMs }: Place): ZKStorage {
  const storage = new ZKStorage({ hosts, root, sessionTimeout: sessionMs, connectTimeout: 4 * sessionMs });
  storage.maxJournalHistory = Number.MAX_SAFE_INTEGER; // the verdict looks at all of them
  return storage;
}

/** Lines of transactions over one session, until the signal aborts. */
export async function workAsCrew(orders: Orders, around: AroundCommit, stopped: AbortSignal): Promise<void> {
  const storage = storageAt(orders.place);
  const commit = storage.commit.bind(storage);
  storage.commit = (batch: Batch) => (batch.journal ? around(() => commit(batch)) : commit(batch));
  const recorder = new HistoryRecorder({ file: orders.file, failed: (error) => error instanceof NotCommitted });
  const generation = (): number => Math.floor((Date.now() - orders.startedAt) / orders.generationMs);
  const work = async (_: unknown, number: number): Promise<void> => {
    const dice = new Dice(orders.seed * 31 + number);
    const line = new Line({ name: `${orders.name}.${number}`, storage, recorder, dice, generation });
    while (!stopped.aborted) await line.next();
  };
  await Promise.all(Array.from({ length: orders.lines }, work));
  recorder.close();
  await storage.close();
}

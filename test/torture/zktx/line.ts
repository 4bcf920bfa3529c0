import { setTimeout as delay } from "node:timers/promises";
import { PURGED, runTx } from "dynatx/zktx";
import type { Storage, StorageTransaction, TXRecord } from "dynatx/zktx";
import type { HistoryRecorder, OperationRecorder } from "dynatx/testing";
import type { Dice } from "../../support/dice.js";
import { accounts, isKept, listsOf } from "./keys.js";

/** Thrown by an operation that gives up what it has set already. */
class Whim extends Error {
  override readonly name = "Whim";
}

/** Thrown for a transaction of which the engine says that nothing was committed. */
export class NotCommitted extends Error {
  override readonly name = "NotCommitted";

  constructor(cause: unknown) {
    super(cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause), { cause });
  }
}

export interface LineOptions {
  /** Unique in the run: values begin with it. */
  readonly name: string;
  readonly storage: Storage;
  readonly recorder: HistoryRecorder;
  readonly dice: Dice;
  /** Which lists are worked on now. */
  readonly generation: () => number;
}

type Work = (tx: StorageTransaction, op: OperationRecorder) => Promise<void>;

const timeoutMs = 6000;
const mostThoughtMs = 40;

/** One line of transactions, one after the other. */
export class Line {
  readonly #options: LineOptions;
  #values = 0;

  constructor(options: LineOptions) {
    this.#options = options;
  }

  /** The next transaction. How it ends is in the history. */
  async next(): Promise<void> {
    const kind = this.#options.dice.below(10);
    if (kind < 6) await this.#run("rewrite", this.#rewrite());
    else if (kind < 9) await this.#run("transfer", this.#transfer());
    else await this.#run("audit", this.#audit());
  }

  async #run(kind: string, work: Work): Promise<void> {
    const { name, storage, recorder } = this.#options;
    const transact = async (op: OperationRecorder): Promise<void> => {
      let last: StorageTransaction | undefined;
      const attempt = async (tx: StorageTransaction): Promise<void> => {
        last = tx;
        op.restart();
        await work(tx, op);
        await tx.commit();
      };
      try {
        await runTx(storage, attempt, { timeout: timeoutMs });
      } catch (error) {
        // What is paused may be gone on with.
        throw last === undefined || last.status === PURGED ? new NotCommitted(error) : error;
      }
    };
    await recorder.operation(`${name} ${kind}`, transact).catch(() => {});
  }

  /** Reads some lists; appends to most of them, deletes a few. */
  #rewrite(): Work {
    const { dice, name } = this.#options;
    const keys = this.#some(listsOf(this.#options.generation()), 3);
    const deeds = keys.map((key) => (isKept(key) || dice.chance(0.8) ? (dice.chance(0.7) ? "append" : "") : "delete"));
    const [saves, thinks, gives] = [dice.chance(0.35), this.#thought(), dice.chance(0.04)];
    const lock = this.#lock(keys);
    return async (tx, op) => {
      const records = await lock(tx);
      records.forEach(({ k, v }) => op.read(k, v));
      await thinks();
      for (const [index, record] of records.entries()) {
        const value = `${name}.${this.#values++}`;
        if (deeds[index] === "") continue;
        if (deeds[index] === "append") op.append(record.k, value);
        else op.delete(record.k);
        record.v = deeds[index] === "append" ? [...(record.v ?? []), value] : null;
        await tx.set(record);
      }
      if (gives) throw new Whim();
      if (saves) await tx.setState({ name });
      await thinks();
    };
  }

  #transfer(): Work {
    const { dice } = this.#options;
    const [amount, thinks] = [1 + dice.below(5), this.#thought()];
    const lock = this.#lock(this.#some(accounts, 2, 2));
    return async (tx) => {
      const [from, to] = (await lock(tx)) as [TXRecord<number>, TXRecord<number>]; // two keys, opened before the run
      if (from.v < amount) throw new Whim();
      from.v -= amount;
      await tx.set(from);
      await thinks();
      to.v += amount;
      await tx.set(to);
    };
  }

  #audit(): Work {
    const lock = this.#lock(this.#some(accounts, accounts.length, accounts.length));
    return async (tx, op) => {
      const records = await lock(tx);
      op.snapshot(Object.fromEntries(records.map(({ k, v }) => [k, v])));
    };
  }

  /** Locks keys together, or one after the other. */
  #lock(keys: readonly string[]): (tx: StorageTransaction) => Promise<readonly TXRecord[]> {
    if (this.#options.dice.chance(0.4)) return (tx) => tx.lockGetAll(keys);
    return async (tx) => {
      const records: TXRecord[] = [];
      for (const key of keys) records.push(await tx.lockGet(key));
      return records;
    };
  }

  /** Some different ones, in any order. */
  #some(keys: readonly string[], most: number, least = 1): readonly string[] {
    const { dice } = this.#options;
    const left = [...keys];
    const count = least + dice.below(most - least + 1);
    return Array.from({ length: count }, () => left.splice(dice.below(left.length), 1)).flat();
  }

  /** Takes its time, or mostly not. */
  #thought(): () => Promise<void> {
    const { dice } = this.#options;
    const [thinks, ms] = [dice.chance(0.25), dice.below(mostThoughtMs)];
    return async () => {
      if (thinks) await delay(ms);
    };
  }
}

/** A process that works on ZooKeeper: `worker ORDERS`, with `Orders` as JSON. */
import { once } from "node:events";
import { runTx } from "dynatx/zktx";
import type { StorageTransaction, TXStatus } from "dynatx/zktx";
import { ZKStorage } from "dynatx/zookeeper";
import { Dice } from "../../support/dice.js";
import { go } from "./orders.js";
import type { News, Orders } from "./orders.js";

// True: it is started with its orders only.
const orders = JSON.parse(process.argv[2] ?? "") as Orders;
const { hosts, root, sessionTimeout } = orders;
const storage = new ZKStorage({ hosts, root, sessionTimeout });
const timeout = 60_000;

function tell(news: News): void {
  process.send?.(news);
}

async function untilTold(): Promise<void> {
  for (;;) if ((await once(process, "message"))[0] === go) return;
}

async function add(tx: StorageTransaction, key: string, amount: number): Promise<void> {
  const record = await tx.lockGet<number | null>(key);
  record.v = (record.v ?? 0) + amount;
  await tx.set(record);
}

let current: StorageTransaction | undefined;

async function run(operation: (tx: StorageTransaction) => Promise<void>, txid?: number): Promise<TXStatus> {
  const work = async (tx: StorageTransaction): Promise<void> => {
    current = tx;
    await operation(tx);
    await tx.commit();
  };
  return (await runTx(storage, work, { timeout, txid }))[0];
}

let state: unknown = null;

async function work(): Promise<readonly TXStatus[]> {
  const statuses: TXStatus[] = [];
  switch (orders.deed) {
    case "increment":
      for (let time = 0; time < orders.times; time++)
        for (const key of orders.keys) statuses.push(await run((tx) => add(tx, key, 1)));
      return statuses;
    case "hold": {
      const { keys, state } = orders;
      const commit = storage.commit.bind(storage);
      storage.commit = async (batch) => {
        if (batch.journal) {
          tell({ news: "committing" });
          await untilTold();
        }
        return commit(batch);
      };
      const status = await run(async (tx) => {
        for (const key of keys) await add(tx, key, 1);
        if (state !== undefined) await tx.setState(state);
        tell({ news: "holding", txid: tx.txid ?? 0 });
      });
      return [status];
    }
    case "resume": {
      const { keys, txid } = orders;
      const resume = async (tx: StorageTransaction): Promise<void> => {
        state = await tx.getState();
        for (const key of keys) await add(tx, key, 1);
      };
      return [await run(resume, txid)];
    }
    case "transfer": {
      const dice = new Dice(orders.seed);
      for (let time = 0; time < orders.times; time++) {
        const rest = [...orders.keys];
        const [from, to, also] = [0, 1, 2].map(() => rest.splice(dice.below(rest.length), 1)[0] ?? "");
        const transfer = async (tx: StorageTransaction): Promise<void> => {
          await add(tx, from ?? "", -2);
          await add(tx, to ?? "", 1);
          await add(tx, also ?? "", 1);
        };
        statuses.push(await run(transfer));
      }
      return statuses;
    }
  }
}

process.on("disconnect", () => process.exit(1)); // nobody is left to work for
try {
  tell({ news: "ended", statuses: await work(), state });
} catch (error) {
  const { name } = error instanceof Error ? error : { name: String(error) };
  tell({ news: "failed", error: name, status: current?.status });
}
await storage.close();
process.removeAllListeners("disconnect");
process.disconnect();

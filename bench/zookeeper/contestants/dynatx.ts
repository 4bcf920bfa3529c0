import { runTx } from "dynatx/zktx";
import { ZKStorage } from "dynatx/zookeeper";
import { changed, newAccount } from "../contestant.js";
import type { Account, Contestant, Opened } from "../contestant.js";

/** Transactions on so many clients, the workers dealt out among them. */
function opened(hosts: string, root: string, clients: number): Opened {
  const storages = Array.from({ length: clients }, () => new ZKStorage({ hosts, root }));
  const storageOf = (worker: number): ZKStorage => {
    const storage = storages[worker % clients];
    if (storage === undefined) throw new Error("there is no client");
    return storage;
  };

  async function run(storage: ZKStorage, keys: readonly string[], change: typeof changed): Promise<void> {
    await runTx(storage, async (tx) => {
      const records = await tx.lockGetAll(keys);
      await Promise.all(records.map(({ k, v }, at) => tx.set({ k, v: change(v ?? newAccount, at) })));
      await tx.commit();
    });
  }

  return {
    async create(keys) {
      await Promise.all(storages.map((storage) => storage.client.session())); // connected before anything counts
      await run(storageOf(0), keys, (account) => account);
    },
    commit: (worker, keys) => run(storageOf(worker), keys, changed),
    async read(key) {
      const [value] = await storageOf(0).getLatest(key);
      // The cast: what `create` and `commit` have put there.
      return value as Account;
    },
    async close() {
      await Promise.all(storages.map((storage) => storage.close()));
    },
  };
}

const work = "`runTx`: `lockGetAll`, `set` of each record, `commit()`";

export const shared: Contestant = {
  name: "dynatx",
  does: `${work}; one \`ZKStorage\` for all workers`,
  open: async (hosts, root) => opened(hosts, root, 1),
};

export const clientEach: Contestant = {
  name: "dynatx, a client each",
  does: `${work}; a \`ZKStorage\` for each worker, as if each were a process of its own`,
  open: async (hosts, root, workers) => opened(hosts, root, workers),
};

import { Entity, Service } from "electrodb";
import { toStored } from "../account.js";
import type { Account } from "../account.js";
import type { Contestant } from "../contestant.js";

const table = "electrodb";

function entityOn(client: Parameters<Contestant["open"]>[0]) {
  return new Entity(
    {
      model: { entity: "account", version: "1", service: "bench" },
      attributes: {
        id: { type: "string", required: true },
        owner: { type: "string", required: true },
        balance: { type: "number", required: true },
        active: { type: "boolean", required: true },
        openedAt: { type: "string", required: true },
        tags: { type: "set", items: "string", required: true },
        address: {
          type: "map",
          required: true,
          properties: { street: { type: "string" }, city: { type: "string" }, zip: { type: "string" } },
        },
        history: { type: "list", items: { type: "number" }, required: true },
        revision: { type: "number", required: true },
      },
      indexes: { primary: { pk: { field: "pk", composite: ["id"] }, sk: { field: "sk", composite: [] } } },
    },
    { table, client },
  );
}

export const electrodb: Contestant = {
  name: "ElectroDB",
  table: { name: table, hashKey: "pk", rangeKey: "sk" },
  does: {
    get: "`get({ id }).go({ consistent: true })`; makes the Date and the Set",
    create: "`create(values).go()`",
    update: "`patch({ id }).set({ balance, revision }).where(revision is the one that was read).go()`",
    sequential: "get, update, get, update",
    atomic: "get, get, `service.transaction.write` of both patches",
  },
  open(client) {
    const accounts = entityOn(client);
    const service = new Service({ accounts });

    async function read(id: string) {
      const { data } = await accounts.get({ id }).go({ consistent: true });
      if (data === null) throw new Error(`no account ${id}`);
      // True: it was written so. ElectroDB hands sets out as arrays, and types the members of a map as optional.
      const address = data.address as Account["address"];
      return { ...data, address, openedAt: new Date(data.openedAt), tags: new Set(data.tags) };
    }

    return {
      create: (account) => {
        const { tags, history, ...rest } = toStored(account);
        return accounts.create({ ...rest, tags: [...tags], history: [...history], revision: 1 }).go();
      },
      get: read,
      async hold(id) {
        let { balance, revision } = await read(id);
        return async (amount) => {
          await accounts
            .patch({ id })
            .set({ balance: balance + amount, revision: revision + 1 })
            .where((attribute, { eq }) => eq(attribute.revision, revision))
            .go();
          balance += amount;
          revision += 1;
        };
      },
      async atomic(from, to, amount) {
        const [source, target] = [await read(from), await read(to)];
        const { canceled } = await service.transaction
          .write((entities) =>
            [
              { ...source, balance: source.balance - amount },
              { ...target, balance: target.balance + amount },
            ].map(({ id, balance, revision }) =>
              entities.accounts
                .patch({ id })
                .set({ balance, revision: revision + 1 })
                .where((attribute, { eq }) => eq(attribute.revision, revision))
                .commit(),
            ),
          )
          .go();
        if (canceled) throw new Error("the transaction was cancelled");
      },
    };
  },
};

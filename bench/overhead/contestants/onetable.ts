import { Table } from "dynamodb-onetable";
import { Dynamo } from "dynamodb-onetable/Dynamo";
import type { Contestant } from "../contestant.js";

const name = "onetable";

const schema = {
  format: "onetable:1.1.0",
  version: "0.0.1",
  indexes: { primary: { hash: "pk", sort: "sk" } },
  models: {
    Account: {
      pk: { type: String, value: "account#${id}" },
      sk: { type: String, value: "account#" },
      id: { type: String, required: true },
      owner: { type: String, required: true },
      balance: { type: Number, required: true },
      active: { type: Boolean, required: true },
      openedAt: { type: Date, required: true },
      tags: { type: Set, required: true },
      address: {
        type: Object,
        required: true,
        schema: { street: { type: String }, city: { type: String }, zip: { type: String } },
      },
      history: { type: Array, required: true },
      version: { type: Number, required: true },
    },
  },
  params: { isoDates: true, timestamps: false },
} as const;

export const onetable: Contestant = {
  name: "OneTable",
  table: { name, hashKey: "pk", rangeKey: "sk" },
  does: {
    get: "`Account.get({ id }, { consistent: true })`",
    create: "`Account.create(values)`",
    update: "`Account.update({ id, balance, version }, { where: version is the one that was read })`",
    sequential: "get, update, get, update",
    atomic: "get, get, `table.transact` of both updates",
  },
  open(client) {
    const table = new Table({ client: new Dynamo({ client }), name, schema, partial: true });
    const Accounts = table.getModel("Account");

    async function read(id: string) {
      const account = await Accounts.get({ id }, { consistent: true });
      if (account === undefined) throw new Error(`no account ${id}`);
      // True: it was written so. OneTable's types know neither the members of a set nor those of an array.
      return account as typeof account & Awaited<ReturnType<ReturnType<Contestant["open"]>["get"]>>;
    }

    const unchanged = (version: number) => ({
      where: "${version} = @{seen}",
      substitutions: { seen: version },
    });

    return {
      // The cast: as above.
      create: (account) =>
        Accounts.create({ ...account, version: 1 } as unknown as Parameters<typeof Accounts.create>[0]),
      get: read,
      async hold(id) {
        let { balance, version } = await read(id);
        return async (amount) => {
          await Accounts.update({ id, balance: balance + amount, version: version + 1 }, unchanged(version));
          balance += amount;
          version += 1;
        };
      },
      async atomic(from, to, amount) {
        const [source, target] = [await read(from), await read(to)];
        const transaction = {};
        for (const [account, sum] of [
          [source, -amount],
          [target, amount],
        ] as const) {
          const { id, balance, version } = account;
          const changed = { id, balance: balance + sum, version: version + 1 };
          await Accounts.update(changed, { ...unchanged(version), transaction });
        }
        await table.transact("write", transaction);
      },
    };
  },
};

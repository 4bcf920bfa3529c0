import dynamoose from "dynamoose";
import type { Contestant } from "../contestant.js";

const name = "dynamoose";

const schema = new dynamoose.Schema({
  id: { type: String, hashKey: true },
  owner: { type: String, required: true },
  balance: { type: Number, required: true },
  active: { type: Boolean, required: true },
  openedAt: { type: { value: Date, settings: { storage: "iso" } }, required: true },
  tags: { type: Set, schema: [String], required: true },
  address: { type: Object, schema: { street: String, city: String, zip: String }, required: true },
  history: { type: Array, schema: [Number], required: true },
  version: { type: Number, required: true },
});

export const dynamooseContestant: Contestant = {
  name: "Dynamoose",
  table: { name, hashKey: "id" },
  does: {
    get: "`Model.get(id, { consistent: true })`",
    create: "`Model.create(values)`",
    update: "`Model.update({ id }, { balance, version }, { condition: version is the one that was read })`",
    sequential: "get, update, get, update",
    atomic: "get, get, `dynamoose.transaction` of both updates",
  },
  open(client) {
    dynamoose.aws.ddb.set(client); // one for the process
    const Accounts = dynamoose.model(name, schema);
    const table = new dynamoose.Table(name, [Accounts], { create: false, update: false, waitForActive: false });
    if (table.name !== name) throw new Error(`Dynamoose made a table ${table.name}`); // an environment's prefix

    async function read(id: string) {
      const account = await Accounts.get(id, { consistent: true });
      // True: what a model of Dynamoose reads has the attributes of its schema; its types say any item.
      return account as unknown as Awaited<ReturnType<ReturnType<Contestant["open"]>["get"]>> & { version: number };
    }

    const unchanged = (version: number) => ({ condition: new dynamoose.Condition().where("version").eq(version) });

    return {
      create: (account) => Accounts.create({ ...account, version: 1 }),
      get: read,
      async hold(id) {
        let { balance, version } = await read(id);
        return async (amount) => {
          await Accounts.update({ id }, { balance: balance + amount, version: version + 1 }, unchanged(version));
          balance += amount;
          version += 1;
        };
      },
      async atomic(from, to, amount) {
        const [source, target] = [await read(from), await read(to)];
        const changed = ({ id, version }: typeof source, balance: number) =>
          Accounts.transaction.update({ id }, { balance, version: version + 1 }, unchanged(version));
        await dynamoose.transaction([
          changed(source, source.balance - amount),
          changed(target, target.balance + amount),
        ]);
      },
    };
  },
};

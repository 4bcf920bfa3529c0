import dynamoose from "dynamoose";
import type { Contestant } from "../contestant.js";
import { isFailedCondition, optimisticLoop } from "../loop.js";

const name = "dynamoose-counters";

const schema = new dynamoose.Schema({
  id: { type: String, hashKey: true },
  count: { type: Number, required: true },
  version: { type: Number, required: true },
});

export const dynamooseContestant: Contestant = {
  name: "Dynamoose loop",
  does: "`Model.get` (consistent), `Model.update` on the condition that the version is the one that was read; the same waits",
  tables: [{ name, hashKey: "id" }],
  open(client) {
    dynamoose.aws.ddb.set(client); // one for the process
    const Counters = dynamoose.model(name, schema);
    const table = new dynamoose.Table(name, [Counters], { create: false, update: false, waitForActive: false });
    if (table.name !== name) throw new Error(`Dynamoose made a table ${table.name}`); // an environment's prefix

    async function get(id: string) {
      const counter = await Counters.get(id, { consistent: true });
      // True: what a model of Dynamoose reads has the attributes of its schema; its types say any item.
      return counter as unknown as { readonly count: number; readonly version: number };
    }

    async function attempt(id: string): Promise<void> {
      const { count, version } = await get(id);
      const condition = new dynamoose.Condition().where("version").eq(version);
      await Counters.update({ id }, { count: count + 1, version: version + 1 }, { condition });
    }

    return {
      create: (id) => Counters.create({ id, count: 0, version: 1 }),
      increment: (id, progress) => optimisticLoop(() => attempt(id), isFailedCondition, progress),
      read: async (id) => (await get(id)).count,
    };
  },
};

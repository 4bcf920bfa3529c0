import { Table } from "dynamodb-onetable";
import { Dynamo } from "dynamodb-onetable/Dynamo";
import type { Contestant } from "../contestant.js";
import { isFailedCondition, optimisticLoop } from "../loop.js";

const name = "onetable-counters";

const schema = {
  format: "onetable:1.1.0",
  version: "0.0.1",
  indexes: { primary: { hash: "pk", sort: "sk" } },
  models: {
    Counter: {
      pk: { type: String, value: "counter#${id}" },
      sk: { type: String, value: "counter#" },
      id: { type: String, required: true },
      count: { type: Number, required: true },
      version: { type: Number, required: true },
    },
  },
  params: { timestamps: false },
} as const;

export const onetable: Contestant = {
  name: "OneTable loop",
  does: "`get` (consistent), `update` where the version is the one that was read; the same waits",
  tables: [{ name, hashKey: "pk", rangeKey: "sk" }],
  open(client) {
    const table = new Table({ client: new Dynamo({ client }), name, schema, partial: true });
    const Counters = table.getModel("Counter");

    async function get(id: string) {
      const counter = await Counters.get({ id }, { consistent: true });
      if (counter === undefined) throw new Error(`no counter ${id}`);
      return counter;
    }

    async function attempt(id: string): Promise<void> {
      const { count, version } = await get(id);
      const unchanged = { where: "${version} = @{seen}", substitutions: { seen: version } };
      await Counters.update({ id, count: count + 1, version: version + 1 }, unchanged);
    }

    return {
      create: (id) => Counters.create({ id, count: 0, version: 1 }),
      increment: (id, progress) => optimisticLoop(() => attempt(id), isFailedCondition, progress),
      read: async (id) => (await get(id)).count,
    };
  },
};

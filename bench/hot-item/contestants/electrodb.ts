import { Entity } from "electrodb";
import type { Contestant } from "../contestant.js";
import { isFailedCondition, optimisticLoop } from "../loop.js";

const table = "electrodb-counters";

export const electrodb: Contestant = {
  name: "ElectroDB loop",
  does: "`get().go({ consistent: true })`, `patch().set().where(revision is the one that was read).go()`; the same waits",
  tables: [{ name: table, hashKey: "pk", rangeKey: "sk" }],
  open(client) {
    const counters = new Entity(
      {
        model: { entity: "counter", version: "1", service: "bench" },
        attributes: {
          id: { type: "string", required: true },
          count: { type: "number", required: true },
          revision: { type: "number", required: true },
        },
        indexes: { primary: { pk: { field: "pk", composite: ["id"] }, sk: { field: "sk", composite: [] } } },
      },
      { table, client },
    );

    async function get(id: string) {
      const { data } = await counters.get({ id }).go({ consistent: true });
      if (data === null) throw new Error(`no counter ${id}`);
      return data;
    }

    async function attempt(id: string): Promise<void> {
      const { count, revision } = await get(id);
      await counters
        .patch({ id })
        .set({ count: count + 1, revision: revision + 1 })
        .where((attribute, { eq }) => eq(attribute.revision, revision))
        .go();
    }

    return {
      create: (id) => counters.create({ id, count: 0, revision: 1 }).go(),
      increment: (id, progress) => optimisticLoop(() => attempt(id), isFailedCondition, progress),
      read: async (id) => (await get(id)).count,
    };
  },
};

import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { Entity } from "dynamodb-toolbox/entity";
import { GetItemCommand } from "dynamodb-toolbox/entity/actions/get";
import { PutItemCommand } from "dynamodb-toolbox/entity/actions/put";
import { UpdateItemCommand } from "dynamodb-toolbox/entity/actions/update";
import { item, number, string } from "dynamodb-toolbox/schema";
import { Table } from "dynamodb-toolbox/table";
import type { Contestant } from "../contestant.js";
import { isFailedCondition, optimisticLoop } from "../loop.js";

const name = "dynamodb-toolbox-counters";

export const toolbox: Contestant = {
  name: "DynamoDB-Toolbox loop",
  does: "`GetItemCommand` (consistent), `UpdateItemCommand` on the condition that the version is the one that was read; the same waits",
  tables: [{ name, hashKey: "id" }],
  open(client) {
    const documentClient = DynamoDBDocumentClient.from(client);
    const table = new Table({ name, partitionKey: { name: "id", type: "string" }, documentClient });
    const schema = item({ id: string().key(), count: number(), version: number() });
    const counters = new Entity({ name: "counter", table, schema, timestamps: false });

    async function get(id: string) {
      const { Item } = await counters.build(GetItemCommand).key({ id }).options({ consistent: true }).send();
      if (Item === undefined) throw new Error(`no counter ${id}`);
      return Item;
    }

    async function attempt(id: string): Promise<void> {
      const { count, version } = await get(id);
      await counters
        .build(UpdateItemCommand)
        .item({ id, count: count + 1, version: version + 1 })
        .options({ condition: { attr: "version", eq: version } })
        .send();
    }

    return {
      create: (id) => counters.build(PutItemCommand).item({ id, count: 0, version: 1 }).send(),
      increment: (id, progress) => optimisticLoop(() => attempt(id), isFailedCondition, progress),
      read: async (id) => (await get(id)).count,
    };
  },
};

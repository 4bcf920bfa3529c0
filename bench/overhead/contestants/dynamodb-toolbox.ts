import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { Entity } from "dynamodb-toolbox/entity";
import { GetItemCommand } from "dynamodb-toolbox/entity/actions/get";
import { PutItemCommand } from "dynamodb-toolbox/entity/actions/put";
import { UpdateTransaction } from "dynamodb-toolbox/entity/actions/transactUpdate";
import { execute } from "dynamodb-toolbox/entity/actions/transactWrite";
import { UpdateItemCommand } from "dynamodb-toolbox/entity/actions/update";
import { boolean, item, list, map, number, set, string } from "dynamodb-toolbox/schema";
import { Table } from "dynamodb-toolbox/table";
import { toStored } from "../account.js";
import type { Contestant } from "../contestant.js";

const name = "dynamodb-toolbox";

const schema = item({
  id: string().key(),
  owner: string(),
  balance: number(),
  active: boolean(),
  openedAt: string(),
  tags: set(string()),
  address: map({ street: string(), city: string(), zip: string() }),
  history: list(number()),
  version: number(),
});

export const toolbox: Contestant = {
  name: "DynamoDB-Toolbox",
  table: { name, hashKey: "id" },
  does: {
    get: "`GetItemCommand`, consistent; makes the Date",
    create: "`PutItemCommand` with the condition that there is no id",
    update: "`UpdateItemCommand` of balance and version, with the condition that the version is the one that was read",
    sequential: "get, update, get, update",
    atomic: "get, get, `execute` of two `UpdateTransaction`s",
  },
  open(client) {
    const documentClient = DynamoDBDocumentClient.from(client);
    const table = new Table({ name, partitionKey: { name: "id", type: "string" }, documentClient });
    const accounts = new Entity({ name: "account", table, schema, timestamps: false });

    async function read(id: string) {
      const { Item } = await accounts.build(GetItemCommand).key({ id }).options({ consistent: true }).send();
      if (Item === undefined) throw new Error(`no account ${id}`);
      return { ...Item, openedAt: new Date(Item.openedAt) };
    }

    const unchanged = (version: number) => ({ condition: { attr: "version", eq: version } }) as const;

    function changed({ id, balance, version }: { id: string; balance: number; version: number }) {
      return accounts
        .build(UpdateTransaction)
        .item({ id, balance, version: version + 1 })
        .options(unchanged(version));
    }

    return {
      create: (account) =>
        accounts
          .build(PutItemCommand)
          .item({ ...toStored(account), history: [...account.history], version: 1 })
          .options({ condition: { attr: "id", exists: false } })
          .send(),
      get: read,
      async hold(id) {
        let { balance, version } = await read(id);
        return async (amount) => {
          await accounts
            .build(UpdateItemCommand)
            .item({ id, balance: balance + amount, version: version + 1 })
            .options(unchanged(version))
            .send();
          balance += amount;
          version += 1;
        };
      },
      async atomic(from, to, amount) {
        const [source, target] = [await read(from), await read(to)];
        await execute(
          changed({ ...source, balance: source.balance - amount }),
          changed({ ...target, balance: target.balance + amount }),
        );
      },
    };
  },
};

import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  TransactWriteCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { z } from "zod";
import type { Contestant } from "../contestant.js";
import { balanceUpdate } from "./document-client.js";

const TableName = "document-client-zod";

const schema = z.object({
  id: z.string(),
  owner: z.string(),
  balance: z.number().int(),
  active: z.boolean(),
  openedAt: z.codec(z.iso.datetime(), z.date(), {
    decode: (text) => new Date(text),
    encode: (date) => date.toISOString(),
  }),
  tags: z.set(z.string()),
  address: z.object({ street: z.string(), city: z.string(), zip: z.string() }),
  history: z.array(z.number()),
  version: z.number().int(),
});

/** As the baseline, and every item is validated when it is read and before it is written. */
export const documentClientZod: Contestant = {
  name: "DocumentClient + zod",
  table: { name: TableName, hashKey: "id" },
  does: {
    get: "as DocumentClient; the item is decoded by a zod schema",
    create: "as DocumentClient; the item is encoded by the schema",
    update: "as DocumentClient; the changed item is encoded by the schema before it is sent",
    sequential: "get, update, get, update",
    atomic: "get, get, TransactWriteCommand of both updates",
  },
  open(client) {
    const documents = DynamoDBDocumentClient.from(client);

    async function read(id: string) {
      const { Item } = await documents.send(new GetCommand({ TableName, Key: { id }, ConsistentRead: true }));
      // True or not: decoding throws where it is not.
      return z.decode(schema, Item as z.input<typeof schema>);
    }

    type Read = z.output<typeof schema>;

    function changed(account: Read, amount: number) {
      const { balance } = z.encode(schema, { ...account, balance: account.balance + amount });
      return balanceUpdate(TableName, account, balance);
    }

    return {
      create: (account) =>
        documents.send(
          new PutCommand({
            TableName,
            Item: z.encode(schema, { ...account, history: [...account.history], version: 1 }),
            ConditionExpression: "attribute_not_exists(id)",
          }),
        ),
      get: read,
      async hold(id) {
        let account = await read(id);
        return async (amount) => {
          await documents.send(new UpdateCommand(changed(account, amount)));
          account = { ...account, balance: account.balance + amount, version: account.version + 1 };
        };
      },
      async atomic(from, to, amount) {
        const [source, target] = [await read(from), await read(to)];
        const TransactItems = [{ Update: changed(source, -amount) }, { Update: changed(target, amount) }];
        await documents.send(new TransactWriteCommand({ TransactItems }));
      },
    };
  },
};

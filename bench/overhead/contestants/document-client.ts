import {
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  TransactWriteCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import type { UpdateCommandInput } from "@aws-sdk/lib-dynamodb";
import { toStored } from "../account.js";
import type { Account, StoredAccount } from "../account.js";
import type { Contestant } from "../contestant.js";

const TableName = "document-client";

/** As it is stored: with the version by which a writer knows that nobody came between. */
export type Versioned<A> = A & { readonly version: number };

/** The request that replaces the balance of an account, if it has the version it was read with. */
export function balanceUpdate(table: string, { id, version }: Versioned<{ id: string }>, balance: number) {
  return {
    TableName: table,
    Key: { id },
    UpdateExpression: "SET #balance = :balance, #version = :next",
    ConditionExpression: "#version = :version",
    ExpressionAttributeNames: { "#balance": "balance", "#version": "version" },
    ExpressionAttributeValues: { ":balance": balance, ":version": version, ":next": version + 1 },
  } satisfies UpdateCommandInput;
}

/** The baseline of everything: what is written by hand with the SDK's own document client. */
export const documentClient: Contestant = {
  name: "DocumentClient",
  table: { name: TableName, hashKey: "id" },
  does: {
    get: "GetCommand, ConsistentRead; makes the Date",
    create: "PutCommand if attribute_not_exists(id), with version 1",
    update: "UpdateCommand SET balance, version IF version = the one that was read",
    sequential: "get, update, get, update",
    atomic: "get, get, TransactWriteCommand of both updates",
  },
  open(client) {
    const documents = DynamoDBDocumentClient.from(client);

    async function read(id: string): Promise<Versioned<Account>> {
      const { Item } = await documents.send(new GetCommand({ TableName, Key: { id }, ConsistentRead: true }));
      const stored = Item as Versioned<StoredAccount>; // true: nobody else writes this table
      return { ...stored, openedAt: new Date(stored.openedAt) };
    }

    return {
      create: (account) =>
        documents.send(
          new PutCommand({
            TableName,
            Item: { ...toStored(account), version: 1 },
            ConditionExpression: "attribute_not_exists(id)",
          }),
        ),
      get: read,
      async hold(id) {
        let { balance, version } = await read(id);
        return async (amount) => {
          await documents.send(new UpdateCommand(balanceUpdate(TableName, { id, version }, balance + amount)));
          balance += amount;
          version += 1;
        };
      },
      async atomic(from, to, amount) {
        const [source, target] = [await read(from), await read(to)];
        const TransactItems = [
          { Update: balanceUpdate(TableName, source, source.balance - amount) },
          { Update: balanceUpdate(TableName, target, target.balance + amount) },
        ];
        await documents.send(new TransactWriteCommand({ TransactItems }));
      },
    };
  },
};

import { randomUUID } from "node:crypto";
import { DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { QueryCommandOutput } from "@aws-sdk/lib-dynamodb";
import type { Contestant } from "../contestant.js";
import { isFailedCondition, optimisticLoop } from "../loop.js";

const rows = { name: "document-client-rows", hashKey: "counterId", rangeKey: "datetime" };

function contestant(name: string, TableName: string, { withRow }: { readonly withRow: boolean }): Contestant {
  const row = withRow ? ", then PutCommand of a row that tells of it" : "";
  return {
    name,
    does: `GetCommand (consistent), UpdateCommand SET count, version IF version = the one that was read${row}; full jitter, 25 ms doubling to 500 ms`,
    tables: [{ name: TableName, hashKey: "id" }, ...(withRow ? [rows] : [])],
    open(client) {
      const documents = DynamoDBDocumentClient.from(client);

      async function get(id: string) {
        const { Item } = await documents.send(new GetCommand({ TableName, Key: { id }, ConsistentRead: true }));
        return Item as { readonly count: number; readonly version: number }; // true: nobody else writes this table
      }

      async function attempt(id: string): Promise<void> {
        const { count, version } = await get(id);
        await documents.send(
          new UpdateCommand({
            TableName,
            Key: { id },
            UpdateExpression: "SET #count = :count, #version = :next",
            ConditionExpression: "#version = :version",
            ExpressionAttributeNames: { "#count": "count", "#version": "version" },
            ExpressionAttributeValues: { ":count": count + 1, ":version": version, ":next": version + 1 },
          }),
        );
      }

      async function tell(counterId: string): Promise<void> {
        const datetime = `${new Date().toISOString()} ${randomUUID()}`;
        const Item = { counterId, datetime, status: "done" };
        await documents.send(new PutCommand({ TableName: rows.name, Item }));
      }

      async function countRows(id: string): Promise<number> {
        const query = {
          TableName: rows.name,
          Select: "COUNT",
          ConsistentRead: true,
          KeyConditionExpression: "counterId = :id",
          ExpressionAttributeValues: { ":id": id },
        } as const;
        let [count, ExclusiveStartKey]: [number, Record<string, unknown> | undefined] = [0, undefined];
        do {
          const page: QueryCommandOutput = await documents.send(new QueryCommand({ ...query, ExclusiveStartKey }));
          count += page.Count ?? 0;
          ExclusiveStartKey = page.LastEvaluatedKey;
        } while (ExclusiveStartKey !== undefined);
        return count;
      }

      return {
        create: (id) => documents.send(new PutCommand({ TableName, Item: { id, count: 0, version: 1 } })),
        async increment(id, progress) {
          const done = await optimisticLoop(() => attempt(id), isFailedCondition, progress);
          if (done && withRow) await tell(id);
          return done;
        },
        read: async (id) => (await get(id)).count,
        ...(withRow && { rows: countRows }),
      };
    },
  };
}

/** What a careful user writes by hand. */
export const handWritten = contestant("DocumentClient loop", "document-client-counters", { withRow: false });

export const handWrittenWithRow = contestant("DocumentClient loop, with a row", "document-client-told", {
  withRow: true,
});

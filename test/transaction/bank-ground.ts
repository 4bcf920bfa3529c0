import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { connect } from "dynatx";
import { beforeAll } from "vitest";
import type { Database } from "../support/databases.js";
import { Account, Deposit, Operation, Transfer } from "./bank.js";

/** Makes the tables, and the database's connection the default one, as a program would at its start. */
export function useBank(database: Database): void {
  beforeAll(async () => {
    connect(database.connection);
    for (const model of [Account, Transfer, Deposit, Operation])
      await database.connection.createTable(model, { waitForActive: true });
  });
}

/** Changes an account as another program would: not through the library. */
export async function changeElsewhere({ client, connection }: Database, id: string, balance: number): Promise<void> {
  await client.send(
    new UpdateItemCommand({
      TableName: connection.tableName("accounts"),
      Key: { id: { S: id } },
      UpdateExpression: "SET balance = :balance",
      ExpressionAttributeValues: { ":balance": { N: String(balance) } },
    }),
  );
}

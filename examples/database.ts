import { randomBytes } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { Connection, connect } from "dynatx";
import { startDynamoDB } from "dynatx/testing";

/** The models an example uses, for making and deleting their tables. */
type Models = readonly Parameters<Connection["createTable"]>[0][];

interface Opened {
  readonly connection: Connection;
  /** Where the data is, for people. */
  readonly where: string;
  close(): Promise<void>;
}

/** With `DYNAMODB_ENDPOINT`, that endpoint with the usual AWS variables and tables of its own; else an embedded one. */
async function open(): Promise<Opened> {
  const { DYNAMODB_ENDPOINT: endpoint, AWS_REGION: region = "us-east-1" } = process.env;
  if (endpoint === undefined) {
    const embedded = await startDynamoDB();
    return { connection: embedded.connection, where: "an embedded database", close: () => embedded.stop() };
  }
  const client = new DynamoDBClient({ endpoint, region });
  const tablePrefix = `dynatx-example-${randomBytes(4).toString("hex")}-`;
  return {
    connection: new Connection({ client, tablePrefix }),
    where: `${endpoint}, tables ${tablePrefix}*`,
    close: async () => client.destroy(),
  };
}

/** Runs an example on a database with the tables of `models`, and cleans up whatever happens. */
export async function withDatabase(
  models: Models,
  run: (connection: Connection, where: string) => Promise<void>,
): Promise<void> {
  const { connection, where, close } = await open();
  connect(connection);
  try {
    await Promise.all(models.map((model) => connection.createTable(model, { waitForActive: true })));
    await run(connection, where);
  } finally {
    await Promise.allSettled(models.map((model) => connection.deleteTable(model)));
    await close();
  }
}

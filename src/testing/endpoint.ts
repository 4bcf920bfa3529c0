import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { Connection } from "../dynamodb/connection.js";
import type { ConnectionOptions } from "../dynamodb/connection.js";

/** A DynamoDB of a test's own. */
export interface TestDynamoDB {
  /** Ready to use; not the default one until given to `connect`. */
  readonly connection: Connection;
  readonly client: DynamoDBClient;
  /** For example `http://127.0.0.1:40123`. */
  readonly endpoint: string;
  /** Ends it with everything in it. May be called twice. */
  stop(): Promise<void>;
}

/** Options of the connection to a test endpoint. */
export type TestConnectionOptions = Omit<ConnectionOptions, "client">;

/** A client for an endpoint on this machine, which looks at no credentials. */
export function localClient(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
}

/** An endpoint that runs, with its client and connection; `close` ends it. */
export function testEndpoint(port: number, options: TestConnectionOptions, close: () => Promise<void>): TestDynamoDB {
  const endpoint = `http://127.0.0.1:${port}`;
  const client = localClient(endpoint);
  const connection = new Connection({ ...options, client });
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    client.destroy();
    await close();
  };
  return { connection, client, endpoint, stop: () => (stopped ??= stop()) };
}

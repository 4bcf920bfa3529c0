import { randomBytes } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { Connection } from "dynatx";
import type { ConnectionOptions } from "dynatx";
import { startDynamoDB } from "dynatx/testing";
import { afterAll, beforeAll, describe, inject } from "vitest";

/** A database of the test's own: an embedded server, or tables of its own in the shared DynamoDB Local. */
export interface Database {
  readonly connection: Connection;
  readonly client: DynamoDBClient;
  readonly endpoint: string;
  /** Another connection to the same tables, with other options. */
  connect(options?: Partial<ConnectionOptions>): Connection;
}

const credentials = { accessKeyId: "local", secretAccessKey: "local" };

export function clientOf(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({ endpoint, region: "us-east-1", credentials });
}

export type Kind = "dynalite" | "DynamoDB Local";
export const kinds: readonly Kind[] = ["dynalite", "DynamoDB Local"];

/** A database for the tests of the `describe` in which it is called; its members can be used inside hooks and tests. */
export function useDatabase(kind: Kind = "dynalite"): Database {
  let opened: Database | undefined;
  let close = (): Promise<void> => Promise.resolve();
  beforeAll(async () => {
    const embedded = kind === "dynalite" ? await startDynamoDB() : undefined;
    const endpoint = embedded?.endpoint ?? inject("dynamodbLocal");
    const client = clientOf(endpoint);
    const tablePrefix = embedded ? "" : `${randomBytes(6).toString("hex")}-`;
    const connect = (options: Partial<ConnectionOptions> = {}): Connection =>
      new Connection({ client, tablePrefix, ...options });
    opened = { connection: connect(), client, endpoint, connect };
    close = async () => {
      client.destroy();
      await embedded?.stop();
    };
  });
  afterAll(() => close());
  const database = (): Database => {
    if (opened === undefined) throw new Error("the database is there only inside hooks and tests");
    return opened;
  };
  return {
    get connection() {
      return database().connection;
    },
    get client() {
      return database().client;
    },
    get endpoint() {
      return database().endpoint;
    },
    connect: (options) => database().connect(options),
  };
}

/** The same tests on the embedded database and on the reference one. */
export function describeOnBoth(name: string, tests: (database: Database, kind: Kind) => void): void {
  for (const kind of kinds) {
    describe(`${name} [${kind}]`, () => tests(useDatabase(kind), kind));
  }
}

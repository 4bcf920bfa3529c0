import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocument, DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { Connection, DynamoDBModel, Transaction, connect } from "dynatx";
import type { CommitId, WaitReason } from "dynatx";
import { instrument } from "dynatx/opentelemetry";
import { startDynamoDB, startDynamoDBLocal } from "dynatx/testing";
import { expectTypeOf } from "expect-type";
import { Account, Ship, Transfer } from "./models.js";

export function clients(): void {
  const client = new DynamoDBClient({});
  expectTypeOf(connect({ client })).toEqualTypeOf<Connection>();
  connect({ client: DynamoDBDocumentClient.from(client) });
  new Connection({ client: DynamoDBDocument.from(client), tablePrefix: "dev-" });
  connect(new Connection({ client, tablePrefix: undefined }));
  expectTypeOf(new Connection({ client }).client).toEqualTypeOf<DynamoDBClient>();
  // @ts-expect-error -- a client is needed
  new Connection({});
  // @ts-expect-error -- this is none
  new Connection({ client: {} });
  // @ts-expect-error -- this is none
  connect({ client: "http://127.0.0.1:8000" });
  // @ts-expect-error -- no such option
  new Connection({ client, prefix: "dev-" });
}

export async function tables(connection: Connection, account: Account): Promise<void> {
  await connection.createTable(Account, { waitForActive: true });
  await connection.createTable(Transfer, { readUnits: 1, writeUnits: 1 });
  await connection.ensureTable(Ship);
  await connection.deleteTable(Account.on(connection));
  for (const model of [Account, Ship, Transfer]) await connection.ensureTable(model);
  // @ts-expect-error -- no model
  await connection.createTable(Date);
  // @ts-expect-error -- an instance
  await connection.createTable(account);
  // @ts-expect-error -- not defined
  await connection.createTable(DynamoDBModel);
  // @ts-expect-error -- not defined
  await connection.createTable(Transaction);
  // @ts-expect-error -- no such option
  await connection.createTable(Account, { wait: true });
  // @ts-expect-error -- no connection
  Account.on({});
}

export function events(connection: Connection): void {
  const stop = connection.on("commit", (event) => {
    expectTypeOf(event.backend).toEqualTypeOf<string>();
    expectTypeOf(event.durationMs).toEqualTypeOf<number>();
  });
  expectTypeOf(stop).toEqualTypeOf<() => void>();
  connection.on("retry", ({ attempt }) => expectTypeOf(attempt).toEqualTypeOf<number>());
  connection.on("conflict", ({ table }) => expectTypeOf(table).toEqualTypeOf<string>());
  connection.on("begin", ({ id, runWithin }) => {
    expectTypeOf(id.parent).toEqualTypeOf<CommitId | undefined>();
    runWithin((run) => run());
  });
  connection.on("attempt", ({ transaction }) => expectTypeOf(transaction).toEqualTypeOf<string>());
  connection.on("failed", ({ error, status }) => {
    expectTypeOf(error).toEqualTypeOf<unknown>();
    expectTypeOf(status).toEqualTypeOf<"pending" | "running" | "done">();
  });
  connection.on("recovered", ({ table }) => expectTypeOf(table).toEqualTypeOf<string>());
  connection.on("wait", ({ ms, reason }) => {
    expectTypeOf(ms).toEqualTypeOf<number>();
    expectTypeOf(reason).toEqualTypeOf<WaitReason>();
  });
  connection.on("inquiry", ({ outcome }) => expectTypeOf(outcome).toEqualTypeOf<"applied" | "refused" | "ambiguous">());
  expectTypeOf(instrument(connection)).toEqualTypeOf<() => void>();
  // @ts-expect-error -- no provider
  instrument(connection, { tracerProvider: {} });
  // @ts-expect-error -- no such event
  connection.on("nothing", () => {});
  // @ts-expect-error -- a commit has no such member
  connection.on("commit", ({ attempt }) => attempt);
}

export async function testing(): Promise<void> {
  for (const db of [await startDynamoDB(), await startDynamoDBLocal()]) {
    expectTypeOf(db.connection).toEqualTypeOf<Connection>();
    expectTypeOf(db.client).toEqualTypeOf<DynamoDBClient>();
    expectTypeOf(db.endpoint).toEqualTypeOf<string>();
    expectTypeOf(db.stop()).toEqualTypeOf<Promise<void>>();
  }
}

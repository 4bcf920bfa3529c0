import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { DynamoDBModel, DynatxError, RequestError } from "dynatx";
import type { Connection } from "dynatx";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { describeOnBoth, useDatabase } from "../support/databases.js";
import { faultyClient } from "../support/faults.js";

class Account extends DynamoDBModel.define({
  table: "errors-accounts",
  hashKey: "id",
  schema: z.object({ id: z.string(), balance: z.number().default(0) }),
}) {}

class Missing extends DynamoDBModel.define({
  table: "errors-missing",
  hashKey: "id",
  schema: z.object({ id: z.string(), balance: z.number().default(0) }),
}) {}

class Ticket extends DynamoDBModel.define({
  table: "errors-missing",
  hashKey: "number",
  autoIncrement: true,
  schema: z.object({ number: z.number() }),
}) {}

const quick = { sendBackoff: { baseMs: 0, capMs: 0 }, maxSends: 3 };

type Call = [operation: string, run: (model: typeof Account) => Promise<unknown>];

const reads: Call[] = [
  ["GetItem", (Model) => Model.get("a")],
  ["GetItem", (Model) => Model.find("a")],
  ["BatchGetItem", (Model) => Model.getBatch(["a", "b"])],
  ["Query", (Model) => Model.query("a").toArray()],
  ["Scan", (Model) => Model.scan().first()],
];
const writes: Call[] = [
  ["PutItem", (Model) => new Model({ id: "a" }).save()],
  ["PutItem", (Model) => new Model({ id: "a" }).save({ raiseOnConflict: true })],
  ["UpdateItem", (Model) => Model.update("a", { balance: 1 })],
  ["DeleteItem", (Model) => new Model({ id: "a" }).delete()],
  ["BatchWriteItem", (Model) => Model.batchWrite({ put: [new Model({ id: "a" })] }, { bulk: true })],
];
const calls = [...reads, ...writes];

/** What every failed request has in common. Resolves with the SDK's error. */
async function failure(run: Promise<unknown>, operation: string, table: string): Promise<RequestError> {
  const error = await run.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(RequestError);
  expect(error).toBeInstanceOf(DynatxError);
  // True: asserted above.
  const failed = error as RequestError;
  expect(failed).toMatchObject({ operation, table, code: "REQUEST_FAILED" });
  expect(failed.message).toContain(`${operation} on table ${table} failed: `);
  expect(failed.cause).toBeInstanceOf(Error);
  return failed;
}

describeOnBoth("a missing table", (database) => {
  it.each(calls)("D20: %s on a table that is missing", async (operation, run) => {
    const table = database.connection.tableName("errors-missing");
    const error = await failure(run(Missing.on(database.connection)), operation, table);
    expect(error.cause).toMatchObject({ name: "ResourceNotFoundException" });
    expect(error.retryable).toBe(false);
  });

  it("D20: the first save of a numbered item, and a batch, say the same", async () => {
    const table = database.connection.tableName("errors-missing");
    await failure(new (Ticket.on(database.connection))({}).save(), "UpdateItem", table);
    const Bound = Missing.on(database.connection);
    const batch = Bound.batchWrite({ put: [new Bound({ id: "a" })] });
    await expect(batch).rejects.toMatchObject({ code: "BATCH_WRITE", table, written: 0 });
    await expect(batch).rejects.toThrow(`PutItem on table ${table} failed: ResourceNotFoundException`);
    await failure(database.connection.deleteTable(Missing), "DeleteTable", table);
  });
});

describe("requests that fail", () => {
  const local = useDatabase("DynamoDB Local");
  const database = useDatabase();

  beforeAll(() => database.connection.createTable(Account, { waitForActive: true }));

  /** The model over a client with other credentials. */
  function withCredentials(credentials: NonNullable<DynamoDBClientConfig["credentials"]>): typeof Account {
    const client = new DynamoDBClient({ endpoint: local.endpoint, region: "us-east-1", credentials });
    return Account.on(local.connect({ client, ...quick }));
  }

  it.each(calls)("D20: %s with credentials that the endpoint refuses", async (operation, run) => {
    const Model = withCredentials({ accessKeyId: "not-a-key!", secretAccessKey: "x" });
    const error = await failure(run(Model), operation, local.connection.tableName("errors-accounts"));
    expect(error.cause).toMatchObject({ name: "UnrecognizedClientException" });
    expect(error.retryable).toBe(false);
  });

  it.each(calls)("D20: %s with credentials that cannot be had", async (operation, run) => {
    const cause = new Error("no credentials here");
    const Model = withCredentials(() => Promise.reject(cause));
    const error = await failure(run(Model), operation, local.connection.tableName("errors-accounts"));
    expect(error.cause).toBe(cause);
    expect(error.message).toContain("no credentials here");
    expect(error.retryable).toBe(false);
  });

  it.each(calls)("D20: %s throttled for ever", async (operation, run) => {
    const { client, sent } = faultyClient(database.endpoint, () => "throttle");
    const error = await failure(run(Account.on(database.connect({ client, ...quick }))), operation, "errors-accounts");
    expect(error.cause).toMatchObject({ name: "ThrottlingException" });
    expect(error.retryable).toBe(true);
    if (operation.endsWith("Item") && !operation.startsWith("Batch") && operation !== "GetItem")
      expect(sent).toHaveLength(quick.maxSends); // a bounded number of times
  });

  it("D20: a write that is throttled for a while succeeds, once", async () => {
    let sends = 0;
    const { client } = faultyClient(database.endpoint, () => (++sends < 3 ? "throttle" : undefined));
    const Model = Account.on(database.connect({ client, ...quick }));
    await new Model({ id: "throttled", balance: 1 }).save({ raiseOnConflict: true });
    expect(sends).toBe(3);
    expect((await Account.on(database.connection).get("throttled")).balance).toBe(1);
  });

  /** A connection to a port where nobody listens. */
  function down(): Connection {
    const endpoint = "http://127.0.0.1:1";
    const credentials = { accessKeyId: "local", secretAccessKey: "local" };
    const client = new DynamoDBClient({ endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
    return database.connect({ client, ...quick });
  }

  it.each(calls)("D20: %s while the endpoint is down", async (operation, run) => {
    const error = await failure(run(Account.on(down())), operation, "errors-accounts");
    expect(error.cause).toMatchObject({ code: "ECONNREFUSED" });
    expect(error.retryable).toBe(true);
  });

  it("D20: tables while the endpoint is down", async () => {
    await failure(down().createTable(Account), "CreateTable", "errors-accounts");
    await failure(down().ensureTable(Account), "CreateTable", "errors-accounts");
    await failure(down().deleteTable(Account), "DeleteTable", "errors-accounts");
  });
});

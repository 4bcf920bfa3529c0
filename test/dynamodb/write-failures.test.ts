import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { AmbiguousWriteError, ConflictError, Connection, DynamoDBModel, RequestError } from "dynatx";
import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { cut, failure, reply, reset, silence, wireServer } from "../support/wire-server.js";
import type { Answer, WireServer } from "../support/wire-server.js";

// What becomes of a write is told by what came over the wire, so these tests have a server that fails as asked.

class Note extends DynamoDBModel.define({
  table: "notes",
  hashKey: "id",
  schema: z.object({ id: z.string(), text: z.string().default("") }),
}) {}

const credentials = { accessKeyId: "local", secretAccessKey: "local" };
const applied = reply(200, "{}");
const quick = { baseMs: 1, capMs: 1 };

function clientOf(endpoint: string, config: DynamoDBClientConfig = {}): DynamoDBClient {
  const client = new DynamoDBClient({ endpoint, region: "us-east-1", credentials, ...config });
  onTestFinished(() => client.destroy());
  return client;
}

/** Creates an item through this client. */
function create(client: DynamoDBClient | DynamoDBDocumentClient, maxSends = 3): Promise<void> {
  const connection = new Connection({ client, sendBackoff: quick, maxSends });
  return new (Note.on(connection))({ id: "a" }).save({ raiseOnConflict: true });
}

/** The writes among the requests: one in doubt is followed by reads that look for it. */
function writesIn(requests: WireServer["requests"]): readonly unknown[] {
  return requests.filter((headers) => !String(headers["x-amz-target"]).endsWith(".GetItem"));
}

const hourAhead = { date: new Date(Date.now() + 3_600_000).toUTCString() };

const inDoubt: Readonly<Record<string, Answer>> = {
  "the connection was reset": reset,
  "the answer was cut off": cut,
  "the answer is no JSON": reply(200, "<html>"),
  "an internal error": failure(500, "InternalServerError"),
  "an error of the server without a body": reply(503, ""),
  "a gateway's timeout": reply(504, "<html>"),
  "a proxy's timeout": reply(408, ""),
  "a proxy that gave up": reply(499, "{}"),
  "a redirection": reply(302, ""),
  "an internal error by a server whose clock is an hour ahead": failure(500, "InternalServerError", hourAhead),
};

test.each(Object.entries(inDoubt))("X1: in doubt, and sent once: %s", async (_, answer) => {
  const { endpoint, requests } = await wireServer(answer);
  await expect(create(clientOf(endpoint))).rejects.toThrow(AmbiguousWriteError);
  expect(writesIn(requests)).toHaveLength(1);
});

test("X1: in doubt: no answer in time", async () => {
  const { endpoint, requests } = await wireServer(silence);
  const requestHandler = { requestTimeout: 50, throwOnRequestTimeout: true };
  await expect(create(clientOf(endpoint, { requestHandler }))).rejects.toThrow(AmbiguousWriteError);
  expect(writesIn(requests)).toHaveLength(1);
});

test("X1: in doubt: a kept connection that the server closes at the next request", async () => {
  const { endpoint, requests } = await wireServer(applied, reset);
  const client = clientOf(endpoint);
  await create(client);
  await expect(create(client)).rejects.toThrow(AmbiguousWriteError);
  expect(writesIn(requests)).toHaveLength(2);
});

const again: Readonly<Record<string, Answer>> = {
  throttled: failure(400, "ThrottlingException"),
  "over the table's throughput": failure(400, "ProvisionedThroughputExceededException"),
  "a transaction on the item": failure(400, "TransactionConflictException"),
  "a write in another region": failure(400, "ReplicatedWriteConflictException"),
  "signed with a wrong clock": failure(400, "InvalidSignatureException", hourAhead),
};

test.each(Object.entries(again))("X1: not executed, and sent again: %s", async (_, answer) => {
  const { endpoint, requests } = await wireServer(answer, answer, applied);
  await create(clientOf(endpoint));
  expect(writesIn(requests)).toHaveLength(3);
});

test("X1: not executed, sent again to the limit: throttled for ever", async () => {
  const { endpoint, requests } = await wireServer(failure(400, "ThrottlingException"));
  const error = await create(clientOf(endpoint)).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RequestError);
  expect(error).toMatchObject({ retryable: true, operation: "PutItem", table: "notes" });
  expect(writesIn(requests)).toHaveLength(3);
});

test("X1: not executed, sent again to the limit: nobody listens", async () => {
  const error = await create(clientOf("http://127.0.0.1:1")).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RequestError);
  expect(error).toMatchObject({ retryable: true, cause: { code: "ECONNREFUSED" } });
});

const refused: Readonly<Record<string, Answer>> = {
  "expired credentials": failure(400, "ExpiredTokenException"),
  "no permission": failure(400, "AccessDeniedException"),
  "no table": failure(400, "ResourceNotFoundException"),
  "a refusal by a server whose clock is an hour ahead": failure(400, "AccessDeniedException", hourAhead),
};

test.each(Object.entries(refused))("X1: not executed, and not sent again: %s", async (_, answer) => {
  const { endpoint, requests } = await wireServer(answer);
  const error = await create(clientOf(endpoint)).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(RequestError);
  expect(error).toMatchObject({ retryable: false });
  expect(writesIn(requests)).toHaveLength(1);
});

test("X1: not executed: no credentials, though a server failed to give them", async () => {
  const { endpoint, requests } = await wireServer(applied);
  const outage = Object.assign(new Error("the token service is down"), { $fault: "server", $response: {} });
  const client = clientOf(endpoint, { credentials: () => Promise.reject(outage) });
  await expect(create(client)).rejects.toThrow(RequestError);
  expect(writesIn(requests)).toHaveLength(0);
});

test("X1: the client's own retries do not repeat a write", async () => {
  const { endpoint, requests } = await wireServer(reset, applied);
  await expect(create(clientOf(endpoint, { maxAttempts: 5 }))).rejects.toThrow(AmbiguousWriteError);
  expect(writesIn(requests)).toHaveLength(1);
});

test("X1: a client whose send was replaced by a bound one sends a write once all the same", async () => {
  const { endpoint, requests } = await wireServer(reset, applied);
  const client = clientOf(endpoint, { maxAttempts: 5 });
  client.send = client.send.bind(client); // as tracing tools do
  await expect(create(client)).rejects.toThrow(AmbiguousWriteError);
  expect(writesIn(requests)).toHaveLength(1);
});

test("X1: a client that caches middleware sends a write once all the same", async () => {
  const { endpoint, requests } = await wireServer(applied, reset);
  const client = clientOf(endpoint, { maxAttempts: 5, cacheMiddleware: true });
  await client.send(new PutItemCommand({ TableName: "notes", Item: { id: { S: "raw" } } })); // fills the cache
  await expect(create(client)).rejects.toThrow(AmbiguousWriteError);
  expect(writesIn(requests)).toHaveLength(2);
});

test("X1: middleware that replaces errors does not hide that the write was sent", async () => {
  const { endpoint } = await wireServer(reset);
  const client = clientOf(endpoint);
  client.middlewareStack.add((next) => async (args) => {
    try {
      return await next(args);
    } catch (error) {
      throw new Error("traced", { cause: error });
    }
  });
  await expect(create(client)).rejects.toThrow(AmbiguousWriteError);
});

test("X1: middleware that repeats a write leaves it in doubt, whatever the last answer was", async () => {
  const { endpoint } = await wireServer(reset, failure(400, "ConditionalCheckFailedException"));
  const client = clientOf(endpoint);
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch {
        return next(args);
      }
    },
    { step: "finalizeRequest" },
  );
  const error = await create(client).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(AmbiguousWriteError);
  expect(error).not.toBeInstanceOf(ConflictError);
});

test("Middleware added after the connection was made sees writes too", async () => {
  const { endpoint, requests } = await wireServer(applied);
  const client = clientOf(endpoint);
  const connection = new Connection({ client });
  client.middlewareStack.add(
    (next) => (args) => {
      // True: behind the serializer, the request is HTTP's.
      const request = args.request as { headers: Record<string, string> };
      request.headers["x-late"] = "yes";
      return next(args);
    },
    { step: "build" },
  );
  await new (Note.on(connection))({ id: "a" }).save();
  expect(requests[0]).toMatchObject({ "x-late": "yes" });
});

test("A document client serves as well", async () => {
  const { endpoint, requests } = await wireServer(reset, applied);
  const client = DynamoDBDocumentClient.from(clientOf(endpoint, { maxAttempts: 5 }));
  await expect(create(client)).rejects.toThrow(AmbiguousWriteError);
  await create(client);
  expect(writesIn(requests)).toHaveLength(2);
});

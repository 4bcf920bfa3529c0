import { DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { AmbiguousWriteError, Connection, DynamoDBModel, OverwriteError, atomic, transact } from "dynatx";
import { expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { failure, reply, reset, wireServer } from "../support/wire-server.js";
import type { Answer } from "../support/wire-server.js";

// The order of a client's middleware is found once for each kind of command. None of that may show but in time.

class Note extends DynamoDBModel.define({
  table: "notes",
  hashKey: "id",
  schema: z.object({ id: z.string(), text: z.string().default("") }),
}) {}

const credentials = { accessKeyId: "local", secretAccessKey: "local" };
const found = reply(200, '{"Item":{"id":{"S":"a"},"text":{"S":""}}}');

async function ground(answers: readonly Answer[] = [found], config: DynamoDBClientConfig = {}) {
  const { endpoint, requests } = await wireServer(...answers);
  const client = new DynamoDBClient({ endpoint, region: "us-east-1", credentials, ...config });
  onTestFinished(() => client.destroy());
  const connection = new Connection({ client });
  const Notes = Note.on(connection);
  const create = () => new Notes({ id: "a" }).save({ raiseOnConflict: true });
  const get = () => Notes.get("a");
  /** One TransactWriteItems, and no other request. */
  const createTwo = () =>
    transact(
      async () => {
        for (const id of ["a", "b"]) await new Notes({ id }).save({ raiseOnConflict: true });
      },
      { backend: atomic({ path: "native" }), connection },
    );
  return { client, requests, create, createTwo, get, Notes };
}

/** The plan is made, and used, when a command comes the second time. */
async function warm(...sends: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const send of sends) for (let time = 0; time < 4; time++) await send();
}

type Stack = DynamoDBClient["middlewareStack"];

/** Middleware that tells `seen` of each command it is made for. */
function add(stack: Stack, seen: (name: string, context: object) => void, name = "mine"): void {
  stack.add(
    (next, context) => {
      seen(name, context);
      return next;
    },
    { step: "build", name },
  );
}

test("The order is not found anew for each command", async () => {
  const { client, create, get } = await ground();
  const concat = vi.spyOn(client.middlewareStack, "concat");
  await warm(get, create);
  const calls = concat.mock.calls.length;
  for (let time = 0; time < 10; time++) await Promise.all([get(), create()]);
  expect(concat).toHaveBeenCalledTimes(calls);
});

test("Middleware is made for each command, with a context of its own", async () => {
  const { client, create, get } = await ground();
  const contexts = new Set<object>();
  add(client.middlewareStack, (_, context) => contexts.add(context));
  await warm(get, create);
  await Promise.all([get(), get(), create(), create()]);
  expect(contexts.size).toBe(12);
});

test("Middleware that is added between two commands is used, and one that is removed is not", async () => {
  const { client, create, get } = await ground();
  const seen = vi.fn();
  await warm(get, create);
  add(client.middlewareStack, seen);
  await get();
  await create();
  expect(seen).toHaveBeenCalledTimes(2);
  await warm(get, create);
  expect(seen).toHaveBeenCalledTimes(10);
  client.middlewareStack.remove("mine");
  await warm(get, create);
  expect(seen).toHaveBeenCalledTimes(10);
});

test("Middleware that takes the place of another under the same name is used", async () => {
  const { client, create, get } = await ground();
  const [first, second] = [vi.fn(), vi.fn()];
  add(client.middlewareStack, first);
  await warm(get, create);
  client.middlewareStack.remove("mine");
  add(client.middlewareStack, second);
  await warm(get, create);
  expect([first.mock.calls.length, second.mock.calls.length]).toEqual([8, 8]);
});

test("The order is the SDK's own, as long as nothing changes and after a change", async () => {
  const { client, get } = await ground();
  let order: string[] = [];
  const tell = (name: string) => order.push(name);
  const { middlewareStack: stack } = client;
  add(stack, tell, "first");
  stack.addRelativeTo(middlewareOf(tell, "before"), { relation: "before", toMiddleware: "first" });
  stack.addRelativeTo(middlewareOf(tell, "after"), { relation: "after", toMiddleware: "retryMiddleware" });
  stack.add(middlewareOf(tell, "high"), { step: "build", priority: "high" });
  const orderOf = async (send: () => Promise<unknown>) => {
    order = [];
    await send();
    return order;
  };
  const raw = () => client.send(new GetItemCommand({ TableName: "notes", Key: { id: { S: "a" } } }));
  await warm(get);
  expect(await orderOf(get)).toEqual(await orderOf(raw));
  expect(order).toHaveLength(4);
  stack.remove("first");
  stack.add(middlewareOf(tell, "first"), { step: "initialize", name: "first" });
  await warm(get);
  expect(await orderOf(get)).toEqual(await orderOf(raw));
});

function middlewareOf(seen: (name: string) => void, name: string) {
  return <Next>(next: Next): Next => {
    seen(name);
    return next;
  };
}

test("A tool that has put itself into the stack's methods gets each command", async () => {
  const { client, create, get } = await ground();
  const traced = vi.fn();
  const { middlewareStack: stack } = client;
  await warm(get, create);
  const concat = stack.concat.bind(stack);
  stack.concat = (from) => {
    const whole = concat(from);
    const resolve = whole.resolve.bind(whole);
    whole.resolve = (handler, context) => {
      const send = resolve(handler, context);
      return (args) => {
        traced();
        return send(args);
      };
    };
    return whole;
  };
  await warm(get, create);
  expect(traced).toHaveBeenCalledTimes(8);
});

test("A stack that is to print its order prints it for each command", async () => {
  const { client, get } = await ground();
  await warm(get);
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  onTestFinished(() => log.mockRestore());
  client.middlewareStack.identifyOnResolve(true);
  await warm(get);
  expect(log).toHaveBeenCalledTimes(4);
});

test("A client's logger is told of each command", async () => {
  const info = vi.fn();
  const logger = { debug() {}, info, warn() {}, error() {} };
  const { create, get } = await ground([found], { logger });
  await warm(get, create);
  expect(info).toHaveBeenCalledTimes(8);
  expect(info).toHaveBeenLastCalledWith(expect.objectContaining({ commandName: "PutItemCommand" }));
});

test("Middleware in the place of the SDK's logging is used, whatever the logger", async () => {
  const { client, get } = await ground();
  const seen = vi.fn();
  const use = () =>
    client.middlewareStack.add(
      (next) => (args) => {
        seen();
        return next(args);
      },
      { name: "loggerMiddleware", override: true },
    );
  await warm(get);
  use();
  await warm(get);
  expect(seen).toHaveBeenCalledTimes(4);
});

test("Nothing is prepared for a logger that logs nothing", async () => {
  const { client, get } = await ground();
  const filter = vi.fn((input: unknown) => input);
  client.middlewareStack.add(
    (next, context) => {
      Object.assign(context, { inputFilterSensitiveLog: filter });
      return next;
    },
    { priority: "high" },
  );
  await warm(get);
  expect(filter).toHaveBeenCalledTimes(1); // when there was no plan yet
});

test("What a tool adds to a command as it is sent is used", async () => {
  const { client, get } = await ground();
  const seen = vi.fn();
  await warm(get);
  const send = client.send.bind(client);
  client.send = ((command: Parameters<typeof send>[0]) => {
    add(command.middlewareStack, seen);
    add(command.middlewareStack, seen, "mine too");
    return send(command);
  }) as typeof client.send;
  await warm(get);
  expect(seen).toHaveBeenCalledTimes(8);
});

test("X1: a write goes out once, also by a plan, and reads keep the client's retries", async () => {
  const { requests, create, get } = await ground([
    found,
    found,
    found,
    found,
    found,
    found,
    found,
    found,
    reset,
    found,
  ]);
  await warm(create, get);
  expect(requests).toHaveLength(8);
  await get(); // reset, and repeated by the SDK
  expect(requests).toHaveLength(10);
});

test("X1: a TransactWriteItems follows a plan too, and goes out once by it, with the client's middleware", async () => {
  const { client, requests, createTwo } = await ground();
  const seen = vi.fn();
  const concat = vi.spyOn(client.middlewareStack, "concat");
  await warm(createTwo);
  const calls = concat.mock.calls.length;
  await createTwo();
  expect(concat).toHaveBeenCalledTimes(calls);
  add(client.middlewareStack, seen);
  await warm(createTwo);
  expect(seen).toHaveBeenCalledTimes(4);
  expect(requests.map(({ "x-amz-target": target }) => target)).toEqual(
    Array.from({ length: 9 }, () => "DynamoDB_20120810.TransactWriteItems"),
  );
});

test("X1: a TransactWriteItems whose answer is lost is sent again by the library, and not by the SDK's retries", async () => {
  const { client, requests, createTwo } = await ground([found, found, found, found, reset, found]);
  await warm(createTwo);
  const commands = vi.fn();
  add(client.middlewareStack, commands);
  await createTwo();
  expect(requests).toHaveLength(6);
  expect(commands).toHaveBeenCalledTimes(2);
});

test("X1: of writes at the same time, each counts its own sends", async () => {
  const present = { __type: "x#ConditionalCheckFailedException", Item: { id: { S: "a" } } };
  const { client, create } = await ground([found, found, found, found, reply(400, JSON.stringify(present))]);
  await warm(create);
  let commands = 0;
  client.middlewareStack.add(
    (next) => {
      const repeats = commands++ === 0;
      return async (args) => {
        if (repeats) await Promise.allSettled([next(args)]);
        return next(args);
      };
    },
    { step: "finalizeRequest" },
  );
  const outcomes = await Promise.allSettled([create(), create()]);
  // The first went out twice, so that what the second of its sends met says nothing; the other was simply refused.
  const errors = outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason.constructor);
  expect(errors).toEqual([AmbiguousWriteError, OverwriteError]);
});

test.each([false, true])(
  "X1: retries of the caller's own writes stay, those of the library's do not come: cacheMiddleware %s",
  async (cacheMiddleware) => {
    const lost = [found, found, found, found, reset, found, reset, found];
    const { client, requests, create } = await ground(lost, { cacheMiddleware });
    await warm(create);
    const put = () => client.send(new PutItemCommand({ TableName: "notes", Item: { id: { S: "raw" } } }));
    await put(); // reset, and repeated by the SDK
    expect(requests).toHaveLength(6);
    await expect(create()).rejects.toThrow(AmbiguousWriteError); // reset; then looked for
    expect(requests.filter(({ "x-amz-target": target }) => String(target).endsWith("PutItem"))).toHaveLength(7);
  },
);

test("A document client follows the changes of the client it was made of", async () => {
  const { client } = await ground();
  const Notes = Note.on(new Connection({ client: DynamoDBDocumentClient.from(client) }));
  const seen = vi.fn();
  await warm(() => Notes.get("a"));
  add(client.middlewareStack, seen);
  await warm(() => Notes.get("a"));
  expect(seen).toHaveBeenCalledTimes(4);
});

test("A stub that has no middleware serves as a client", async () => {
  const send = vi.fn().mockResolvedValue({ Item: { id: { S: "a" } } });
  const Notes = Note.on(new Connection({ client: { send, config: {} } as never }));
  expect((await Notes.get("a")).id).toBe("a");
  await new Notes({ id: "b" }).save();
  expect(send).toHaveBeenCalledTimes(2);
});

test("An error of the stack is the SDK's own", async () => {
  const { client, get } = await ground([failure(400, "AccessDeniedException")]);
  client.middlewareStack.addRelativeTo(middlewareOf(vi.fn(), "lost"), { relation: "after", toMiddleware: "nobody" });
  for (let time = 0; time < 4; time++) await expect(get()).rejects.toThrow(/nobody is not found/);
});

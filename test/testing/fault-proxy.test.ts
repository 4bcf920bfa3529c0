import { DynamoDBClient, GetItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { Connection, DynamoDBModel, ValidationError } from "dynatx";
import { startFaultProxy } from "dynatx/testing";
import type { Fault, FaultProxy, FaultProxyOptions } from "dynatx/testing";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { useDatabase } from "../support/databases.js";

class Counter extends DynamoDBModel.define({
  table: "counters",
  hashKey: "id",
  schema: z.object({ id: z.string(), count: z.number().int().default(0) }),
}) {}

const never = 600_000; // longer than any test

describe("startFaultProxy", () => {
  const database = useDatabase();
  beforeAll(() => database.connection.createTable(Counter));

  async function proxyOf(options: FaultProxyOptions = {}): Promise<FaultProxy> {
    const proxy = await startFaultProxy(database.endpoint, options);
    onTestFinished(() => proxy.stop());
    return proxy;
  }

  /** A client that repeats nothing, so that what the wire did is what is seen. */
  function once(proxy: FaultProxy): DynamoDBClient {
    const credentials = { accessKeyId: "local", secretAccessKey: "local" };
    const client = new DynamoDBClient({ endpoint: proxy.endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
    onTestFinished(() => client.destroy());
    return client;
  }

  const increment = (id: string): UpdateItemCommand =>
    new UpdateItemCommand({
      TableName: "counters",
      Key: { id: { S: id } },
      UpdateExpression: "ADD #c :one",
      ExpressionAttributeNames: { "#c": "count" },
      ExpressionAttributeValues: { ":one": { N: "1" } },
      ReturnValues: "ALL_NEW",
    });

  async function countOf(id: string): Promise<number> {
    const Key = { id: { S: id } };
    const { Item } = await database.client.send(
      new GetItemCommand({ TableName: "counters", Key, ConsistentRead: true }),
    );
    return Number(Item?.["count"]?.N ?? 0);
  }

  /** Sends one increment through a fault, and tells its error and how often it was applied: at once, and in the end. */
  async function incrementThrough(fault: Fault): Promise<{ error: unknown; atOnce: number; inTheEnd: number }> {
    const proxy = await proxyOf({ plan: () => ({ fault, delayMs: never }) });
    const id = `through ${fault}`;
    const error = await once(proxy)
      .send(increment(id))
      .then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
    const atOnce = await countOf(id);
    await proxy.deliverNow();
    expect(proxy.counts[fault]).toBe(1);
    return { error, atOnce, inTheEnd: await countOf(id) };
  }

  const broken = { name: expect.stringMatching(/Error$/) as string, code: "ECONNRESET" };

  test.each([
    ["loseRequest", broken, 0, 0],
    ["loseReply", broken, 1, 1],
    ["deliverLater", broken, 0, 1],
    ["duplicate", undefined, 1, 2],
    ["throttle", { name: "ThrottlingException", $metadata: { httpStatusCode: 400 } }, 0, 0],
    ["cutReply", broken, 1, 1],
  ] as const)("X2: %s is seen on the wire", async (fault, failure, atOnce, inTheEnd) => {
    const seen = await incrementThrough(fault);
    expect(seen).toMatchObject({ atOnce, inTheEnd });
    if (failure === undefined) expect(seen.error).toBeUndefined();
    else expect(seen.error).toMatchObject(failure);
  });

  test("X2: slow: the request arrives later, and its answer is waited for", async () => {
    const proxy = await proxyOf({ plan: () => ({ fault: "slow", delayMs: never }) });
    const answer = once(proxy).send(increment("slow"));
    await expect.poll(() => proxy.counts.slow).toBe(1);
    expect(await countOf("slow")).toBe(0);
    await proxy.deliverNow();
    expect((await answer).Attributes).toMatchObject({ count: { N: "1" } });
  });

  test("X2: what is late arrives by itself, and settled() waits for it", async () => {
    const proxy = await proxyOf({ plan: () => "deliverLater", maxDelayMs: 20 });
    await expect(once(proxy).send(increment("by itself"))).rejects.toThrow();
    await proxy.settled();
    expect(await countOf("by itself")).toBe(1);
  });

  test("X2: stop() delivers what is late, may be called twice, and leaves the database running", async () => {
    const proxy = await proxyOf({ plan: () => ({ fault: "deliverLater", delayMs: never }) });
    const client = once(proxy);
    await expect(client.send(increment("stopped"))).rejects.toThrow();
    await Promise.all([proxy.stop(), proxy.stop()]);
    expect(await countOf("stopped")).toBe(1);
    await expect(client.send(increment("stopped"))).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  /** What 60 requests meet, one after the other. */
  async function storyOf(options: FaultProxyOptions): Promise<{ story: string[]; seed: number }> {
    const proxy = await proxyOf({ ...options, maxDelayMs: 1 });
    const client = once(proxy);
    const story: string[] = [];
    for (let n = 0; n < 60; n++) {
      const before = { ...proxy.counts };
      await client.send(new GetItemCommand({ TableName: "counters", Key: { id: { S: "none" } } })).catch(() => {});
      const [fault = "none"] = Object.keys(before).filter(
        (name) => proxy.counts[name as Fault] > before[name as Fault], // true: the names are those of counts
      );
      story.push(fault);
    }
    return { story, seed: proxy.seed };
  }

  const rates = { loseRequest: 0.1, loseReply: 0.1, deliverLater: 0.1, duplicate: 0.1, throttle: 0.1, cutReply: 0.1 };

  test("X1: the same seed plays the same faults, whatever the plan lets through; another seed others", async () => {
    const { story, seed } = await storyOf({ rates });
    expect(new Set(story).size).toBeGreaterThan(4);
    expect((await storyOf({ rates, seed })).story).toEqual(story);
    expect((await storyOf({ rates, seed: seed + 1 })).story).not.toEqual(story);
    const planned = await storyOf({ rates, seed, plan: ({ index }) => (index < 30 ? "none" : undefined) });
    expect(planned.story).toEqual([...story.slice(0, 30).fill("none"), ...story.slice(30)]);
  });

  test("X1: the shares of faults are the rates; tables, and operations not named, meet none", async () => {
    const proxy = await proxyOf({ rates: { loseReply: 1 }, operations: ["PutItem"], tablePrefix: "quiet-" });
    await proxy.connection.createTable(Counter, { waitForActive: true });
    const client = once(proxy);
    const TableName = "quiet-counters";
    await client.send(new GetItemCommand({ TableName, Key: { id: { S: "a" } } }));
    expect(proxy.counts.loseReply).toBe(0);
    await expect(client.send(new PutItemCommand({ TableName, Item: { id: { S: "a" } } }))).rejects.toThrow();
    expect(proxy.counts.loseReply).toBe(1);
    proxy.setRates({});
    await client.send(new PutItemCommand({ TableName, Item: { id: { S: "a" } } }));
    expect(proxy.requests.get("PutItem")).toBe(2);
    expect(proxy.requests.get("CreateTable")).toBe(1);
  });

  test("X1: a plan sees operation, body and order", async () => {
    const seen: unknown[] = [];
    const proxy = await proxyOf({ plan: (request) => void seen.push(request) });
    await new (Counter.on(proxy.connection))({ id: "planned" }).save();
    await Counter.on(proxy.connection).get("planned");
    expect(seen).toMatchObject([
      { operation: "PutItem", index: 0, body: { Item: { id: { S: "planned" } } } },
      { operation: "GetItem", index: 1, body: { Key: { id: { S: "planned" } } } },
    ]);
  });

  test("Connection options go to the proxy's connection; a database to stand before may be given itself", async () => {
    const proxy = await startFaultProxy(database, { tablePrefix: "p-" });
    onTestFinished(() => proxy.stop());
    expect(proxy.connection).toBeInstanceOf(Connection);
    expect(proxy.connection.tableName("t")).toBe("p-t");
  });

  test.each([
    ["a share below 0", database, { rates: { loseReply: -0.1 } }],
    ["shares over 1", database, { rates: { loseReply: 0.6, slow: 0.6 } }],
    ["no number", database, { rates: { loseReply: Number.NaN } }],
    ["HTTPS", "https://dynamodb.eu-west-1.amazonaws.com", {}],
    ["no address", "somewhere", {}],
  ])("Bad options are a ValidationError: %s", async (_, behind, options) => {
    await expect(startFaultProxy(behind, options)).rejects.toThrow(ValidationError);
  });

  test("An unknown fault is a ValidationError", async () => {
    // What plain JavaScript may pass.
    const rates = { loseEverything: 1 } as object;
    await expect(startFaultProxy(database, { rates })).rejects.toThrow("loseEverything");
  });
});

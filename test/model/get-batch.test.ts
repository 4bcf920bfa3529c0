import { DynamoDBModel, MaxRetriesExceededError, RequestError, ValidationError } from "dynatx";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { useDatabase } from "../support/databases.js";
import { faultyClient } from "../support/faults.js";
import { partialBatches } from "../support/partial-batches.js";
import { longestWaits, patientClock } from "../support/patient-clock.js";

class Point extends DynamoDBModel.define({
  table: "points",
  hashKey: "n",
  schema: z.object({ n: z.number(), square: z.number() }),
}) {}
class Cell extends DynamoDBModel.define({
  table: "cells",
  hashKey: "row",
  rangeKey: "at",
  schema: z.object({ row: z.string(), at: z.date() }),
}) {}

const total = 1000;
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const sendBackoff = { baseMs: 50, capMs: 2000 };

describe("getBatch", () => {
  const database = useDatabase();
  beforeAll(async () => {
    await database.connection.createTable(Point, { waitForActive: true });
    await database.connection.createTable(Cell, { waitForActive: true });
    const Bound = Point.on(database.connection);
    await Bound.batchWrite({ put: upTo(total).map((n) => new Bound({ n, square: n * n })) }, { bulk: true });
  });

  it.each([
    [0, 0],
    [1, 1],
    [100, 1],
    [101, 2],
    [1000, 10],
  ])("D13: %d keys come in their order, in %d requests", async (count, requests) => {
    const { client, sent } = faultyClient(database.endpoint, () => undefined);
    const keys = upTo(count).toReversed();
    const points = await Point.on(database.connect({ client })).getBatch(keys);
    expect(points.map((point) => point?.square)).toEqual(keys.map((n) => n * n));
    expect(points.every((point) => point instanceof Point)).toBe(true);
    expect(sent).toEqual(Array.from({ length: requests }, () => "BatchGetItem"));
  });

  it("D13: duplicates stand at each of their places, and are asked for once", async () => {
    const { client, sizes } = partialBatches(database.endpoint, (_, size) => size);
    const keys = [...upTo(60), ...upTo(60), 5, 5];
    const points = await Point.on(database.connect({ client })).getBatch(keys);
    expect(points.map((point) => point?.n)).toEqual(keys);
    expect(sizes).toEqual([60]);
  });

  it("D13: absent items are undefined in their places", async () => {
    const points = await Point.on(database.connection).getBatch([-5, 1, 5000, 2, 0.5, -5]);
    expect(points.map((point) => point?.n)).toEqual([undefined, 1, undefined, 2, undefined, undefined]);
  });

  it("D13: composite keys are given as [hash, range]", async () => {
    const Bound = Cell.on(database.connection);
    await new Bound({ row: "a", at: new Date(1) }).save();
    await new Bound({ row: "b", at: new Date(2) }).save();
    const cells = await Bound.getBatch([
      ["b", new Date(2)],
      ["b", new Date(1)],
      ["a", new Date(1)],
    ]);
    expect(cells.map((cell) => cell?.row)).toEqual(["b", undefined, "a"]);
  });

  it("D13: an instance of a batch saves as one that was read by itself", async () => {
    const Bound = Point.on(database.connection);
    await new Bound({ n: 2000, square: 0 }).save();
    const [point] = await Bound.getBatch([2000]);
    point!.square = 1;
    await point!.save({ raiseOnConflict: true });
    expect(await Bound.get(2000)).toMatchObject({ square: 1 });
  });

  it("D13: a bad key is a ValidationError, and nothing is sent", async () => {
    const { client, sent } = faultyClient(database.endpoint, () => undefined);
    const connection = database.connect({ client });
    await expect(Point.on(connection).getBatch([1, "2" as never])).rejects.toThrow(ValidationError);
    await expect(Cell.on(connection).getBatch([["a"] as never])).rejects.toThrow(ValidationError);
    expect(sent).toEqual([]);
  });

  it("D13: unprocessed keys are asked for again, with a wait that stays short while some are answered", async () => {
    const { clock, waits } = patientClock();
    const { client, sizes } = partialBatches(database.endpoint, () => 40);
    const connection = database.connect({ client, clock, random: longestWaits(), sendBackoff });
    const points = await Point.on(connection).getBatch(upTo(100));
    expect(points.map((point) => point?.n)).toEqual(upTo(100));
    expect(sizes).toEqual([100, 60, 20]);
    expect(waits).toEqual([50, 50]);
  });

  it("D13: the waits double while nothing is answered, up to their cap", async () => {
    const { clock, waits } = patientClock();
    const { client, sizes } = partialBatches(database.endpoint, (n, size) => (n < 7 ? 0 : size));
    const connection = database.connect({ client, clock, random: longestWaits(), sendBackoff });
    const points = await Point.on(connection).getBatch(upTo(10));
    expect(points.map((point) => point?.n)).toEqual(upTo(10));
    expect(sizes).toEqual(Array.from({ length: 8 }, () => 10));
    expect(waits).toEqual([100, 200, 400, 800, 1600, 2000, 2000]);
  });

  it("D13: keys that stay unprocessed end in a MaxRetriesExceededError, never in a hole", async () => {
    const { clock } = patientClock();
    const { client } = partialBatches(database.endpoint, (n) => (n === 0 ? 50 : 0));
    const connection = database.connect({ client, clock, random: longestWaits(), sendBackoff });
    const failure = Point.on(connection).getBatch(upTo(100));
    await expect(failure).rejects.toThrow(MaxRetriesExceededError);
    await expect(failure).rejects.toMatchObject({ attempts: 10, message: expect.stringContaining("points") });
  });

  it("D13: a chunk that fails fails the call, with table and operation", async () => {
    const { client } = faultyClient(database.endpoint, (_, body) =>
      JSON.stringify(body).includes('"N":"150"') ? "throttle" : undefined,
    );
    await expect(Point.on(database.connect({ client })).getBatch(upTo(300))).rejects.toThrow(RequestError);
    await expect(Point.on(database.connect({ client })).getBatch(upTo(300))).rejects.toThrow(/BatchGetItem.*points/);
  });
});

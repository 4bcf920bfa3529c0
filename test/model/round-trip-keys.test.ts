import { DynamoDBModel } from "dynatx";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { describeOnBoth } from "../support/databases.js";
import { rawTable } from "../support/raw-table.js";

class Voyage extends DynamoDBModel.define({
  table: "voyages",
  hashKey: "sailedAt",
  rangeKey: "endedAt",
  schema: z.object({ sailedAt: z.date(), endedAt: z.date(), tons: z.number() }),
}) {}

class Blob extends DynamoDBModel.define({
  table: "blobs",
  hashKey: "digest",
  rangeKey: "offset",
  schema: z.object({ digest: z.instanceof(Uint8Array), offset: z.bigint() }),
}) {}

const isoDate = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
});

class Measure extends DynamoDBModel.define({
  table: "measures",
  hashKey: "sensor",
  rangeKey: "at",
  schema: z.object({ sensor: z.number(), at: isoDate, value: z.number() }),
}) {}

describeOnBoth("keys", (database) => {
  beforeAll(async () => {
    for (const model of [Voyage, Blob, Measure]) {
      await database.connection.createTable(model, { waitForActive: true });
    }
  });

  it("D3: dates are hash and range keys, stored as text that sorts by time", async () => {
    const Bound = Voyage.on(database.connection);
    const sailedAt = new Date("2020-05-01T00:00:00.001Z");
    for (const year of ["2021", "0999", "9999"]) {
      await new Bound({ sailedAt, endedAt: new Date(`${year}-01-01T00:00:00Z`), tons: 1 }).save();
    }
    const voyage = await Bound.get(sailedAt, new Date("2021-01-01T00:00:00Z"));
    expect(voyage).toMatchObject({ sailedAt, endedAt: new Date("2021-01-01T00:00:00Z"), tons: 1 });
    voyage.tons = 2;
    await voyage.save({ raiseOnConflict: true });

    const inOrder = await Bound.query(sailedAt).toArray();
    expect(inOrder.map(({ endedAt }) => endedAt.getUTCFullYear())).toEqual([999, 2021, 9999]);
    const key = { sailedAt: { S: "2020-05-01T00:00:00.001Z" }, endedAt: { S: "2021-01-01T00:00:00.000Z" } };
    expect(await rawTable(database.connection, "voyages").get(key)).toMatchObject({ tons: { N: "2" } });
    await voyage.delete({ raiseOnConflict: true });
    expect(await Bound.find(sailedAt, new Date("2021-01-01T00:00:00Z"))).toBeUndefined();
  });

  it("D3: bytes and bigints are keys", async () => {
    const Bound = Blob.on(database.connection);
    const digest = new Uint8Array([0, 255]);
    await new Bound({ digest, offset: 2n ** 70n }).save({ raiseOnConflict: true });
    expect(await Bound.get(digest, 2n ** 70n)).toMatchObject({ digest, offset: 2n ** 70n });
    const [found, absent] = await Bound.getBatch([
      [digest, 2n ** 70n],
      [digest, 1n],
    ]);
    expect(found?.offset).toBe(2n ** 70n);
    expect(absent).toBeUndefined();
  });

  it("D3: an attribute behind a codec is a key, in the codec's own form", async () => {
    const Bound = Measure.on(database.connection);
    const at = new Date("2024-01-02T03:04:05.006Z");
    const measure = new Bound({ sensor: -0.5, at: at.toISOString(), value: 3 });
    expect(measure.at).toEqual(at);
    await measure.save({ raiseOnConflict: true });
    const read = await Bound.get(-0.5, at);
    expect(read).toMatchObject({ sensor: -0.5, at, value: 3 });
    await read.save({ raiseOnConflict: true });
    const key = { sensor: { N: "-0.5" }, at: { S: "2024-01-02T03:04:05.006Z" } };
    expect(await rawTable(database.connection, "measures").get(key)).toBeDefined();
  });
});

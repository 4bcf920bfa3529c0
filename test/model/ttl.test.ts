import { DescribeTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { ConflictError, DynamoDBModel, gt, le } from "dynatx";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { describeOnBoth } from "../support/databases.js";
import { rawTable } from "../support/raw-table.js";

class Session extends DynamoDBModel.define({
  table: "ttl-sessions",
  hashKey: "id",
  ttl: "expiresAt",
  schema: z.object({ id: z.string(), expiresAt: z.date().optional(), user: z.string().default("ann") }),
}) {}

const at = new Date("2031-02-03T04:05:06Z");
const seconds = String(at.getTime() / 1000);

describeOnBoth("ttl", (database, kind) => {
  const sessions = () => Session.on(database.connection);
  const raw = () => rawTable(database.connection, "ttl-sessions");

  beforeAll(() => database.connection.createTable(Session, { waitForActive: true }));

  it("D23: the attribute is stored as epoch seconds and read as a Date", async () => {
    await new (sessions())({ id: "a", expiresAt: at }).save();
    expect((await raw().get({ id: { S: "a" } }))?.["expiresAt"]).toEqual({ N: seconds });
    expect((await sessions().get("a")).expiresAt).toEqual(at);
  });

  it("D23: fractions of a second are dropped, and a save after that conflicts with nothing", async () => {
    const session = new (sessions())({ id: "b", expiresAt: new Date(at.getTime() + 999) });
    await session.save();
    expect((await raw().get({ id: { S: "b" } }))?.["expiresAt"]).toEqual({ N: seconds });
    session.user = "bob";
    await session.save({ raiseOnConflict: true });
    const read = await sessions().get("b");
    expect(read.expiresAt).toEqual(at);
    read.user = "carl";
    await read.save({ raiseOnConflict: true });
  });

  it("D23: an optional one may be absent, set and removed", async () => {
    const session = new (sessions())({ id: "c" });
    await session.save();
    expect(await raw().get({ id: { S: "c" } })).not.toHaveProperty("expiresAt");
    session.expiresAt = at;
    await session.save({ raiseOnConflict: true });
    expect((await sessions().get("c")).expiresAt).toEqual(at);
    session.expiresAt = undefined;
    await session.save({ raiseOnConflict: true });
    expect((await sessions().get("c")).expiresAt).toBeUndefined();
  });

  it("D23: conditions, filters and updates speak of it as a Date", async () => {
    await new (sessions())({ id: "d", expiresAt: at }).save();
    const later = new Date(at.getTime() + 60_000);
    const updated = await sessions().update("d", { expiresAt: later }, { condition: { expiresAt: le(at) } });
    expect(updated.expiresAt).toEqual(later);
    expect((await raw().get({ id: { S: "d" } }))?.["expiresAt"]).toEqual({ N: String(later.getTime() / 1000) });
    const found = await sessions()
      .scan({ filter: { expiresAt: gt(at) } })
      .toArray();
    expect(found.map(({ id }) => id)).toEqual(["d"]);
  });

  it("D23: a change of it by another program is a conflict", async () => {
    await new (sessions())({ id: "e", expiresAt: at }).save();
    const session = await sessions().get("e");
    await raw().set({ id: { S: "e" } }, "expiresAt", { N: "1" });
    await expect(session.save({ raiseOnConflict: true })).rejects.toThrow(ConflictError);
  });

  if (kind === "DynamoDB Local") {
    it("D23: createTable turns expiry on, and ensureTable leaves it on", async () => {
      await database.connection.ensureTable(Session);
      const request = new DescribeTimeToLiveCommand({ TableName: database.connection.tableName("ttl-sessions") });
      const { TimeToLiveDescription } = await database.client.send(request);
      expect(TimeToLiveDescription).toMatchObject({ TimeToLiveStatus: "ENABLED", AttributeName: "expiresAt" });
    });
  } else {
    it("D23: an endpoint without expiry makes the table all the same, and keeps its items", async () => {
      await database.connection.ensureTable(Session);
      await new (sessions())({ id: "old", expiresAt: new Date(0) }).save();
      expect((await sessions().get("old")).expiresAt).toEqual(new Date(0));
    });
  }
});

import { DynamoDBModel, ValidationError } from "dynatx";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { useDatabase } from "../support/databases.js";
import { faultyClient } from "../support/faults.js";
import { rawTable } from "../support/raw-table.js";

class Player extends DynamoDBModel.define({
  table: "players",
  hashKey: "id",
  schema: z.object({
    id: z.string(),
    name: z.string().min(1),
    energy: z.number().int().default(10),
    tags: z.set(z.string()).default(() => new Set(["new"])),
    badges: z.set(z.string()),
    joinedAt: z.date().default(() => new Date()),
    home: z.object({ city: z.string().default("nowhere"), street: z.string().optional() }).default({ city: "here" }),
    note: z.string().optional(),
  }),
}) {
  get isTired(): boolean {
    return this.energy === 0;
  }
}

describe("new instances", () => {
  it("D2: hold the values given, else the schema's defaults", () => {
    const given = { id: "p", name: "ann", energy: 0, tags: new Set(["x"]), badges: new Set(["b"]) };
    const player = new Player({ ...given, joinedAt: new Date(5), home: { street: "s" }, note: "n" });
    expect(player).toMatchObject({ ...given, joinedAt: new Date(5), note: "n" });
    expect(player.home).toEqual({ city: "nowhere", street: "s" });
    expect(player.isTired).toBe(true);

    const before = Date.now();
    const plain = new Player({ id: "q", name: "bob", badges: new Set() });
    expect(plain).toMatchObject({ energy: 10, tags: new Set(["new"]), home: { city: "here" } });
    expect(plain.joinedAt.getTime()).toBeGreaterThanOrEqual(before);
    expect(plain.note).toBeUndefined();
    expect(plain).toBeInstanceOf(Player);
    expect(plain).toBeInstanceOf(DynamoDBModel);
  });

  it("D2: defaults are made anew for each instance", () => {
    const [one, other] = [1, 2].map(() => new Player({ id: "p", name: "ann", badges: new Set() }));
    one?.tags.add("changed");
    expect(other?.tags).toEqual(new Set(["new"]));
  });

  it("D2: hold nothing of the object they were made from", () => {
    const badges = new Set(["a"]);
    const player = new Player({ id: "p", name: "ann", badges });
    badges.add("b");
    expect(player.badges).toEqual(new Set(["a"]));
  });

  it("D2: refuse values of the wrong type with zod's issues", () => {
    const make = (values: unknown) => () => new Player(values as never);
    expect(make({ id: 1, name: "", badges: new Set(), energy: 1.5 })).toThrow(ValidationError);
    try {
      make({ id: 1, name: "", badges: new Set(), energy: 1.5 })();
    } catch (error) {
      const { issues, table, message, code } = error as ValidationError;
      expect(issues.map(({ path }) => path)).toEqual([["id"], ["name"], ["energy"]]);
      expect(issues.map((issue) => issue.code)).toEqual(["invalid_type", "too_small", "invalid_type"]);
      expect(table).toBe("players");
      expect(code).toBe("VALIDATION");
      expect(message).toContain("energy");
    }
    expect(make({ id: "p", name: "ann" })).toThrow(/badges/);
    expect(make(undefined)).toThrow(ValidationError);
    expect(make("p")).toThrow(ValidationError);
  });

  it("D2: attributes outside the schema are not taken over", () => {
    const player = new Player({ id: "p", name: "ann", badges: new Set(), extra: 1 } as never);
    expect(player).not.toHaveProperty("extra");
  });
});

describe("validation and the database", () => {
  const database = useDatabase();
  beforeAll(() => database.connection.createTable(Player, { waitForActive: true }));

  it("D2: nothing is sent when a new instance or a changed one is invalid", async () => {
    const { client, sent } = faultyClient(database.endpoint, () => undefined);
    const Bound = Player.on(database.connect({ client }));
    expect(() => new Bound({ id: "p", name: "" } as never)).toThrow(ValidationError);
    const player = new Bound({ id: "D2", name: "ann", badges: new Set() });
    player.energy = 0.5;
    await expect(player.save()).rejects.toThrow(ValidationError);
    await expect(player.save({ raiseOnConflict: true })).rejects.toThrow(/energy/);
    Object.assign(player, { energy: "much" });
    await expect(player.save()).rejects.toThrow(ValidationError);
    expect(sent).toEqual([]);
  });

  it("D4: an attribute missing in the database reads as the schema's default", async () => {
    const raw = rawTable(database.connection, "players");
    await raw.put({ id: { S: "D4 defaults" }, name: { S: "ann" }, home: { M: {} } });
    const player = await Player.on(database.connection).get("D4 defaults");
    expect(player).toMatchObject({ energy: 10, tags: new Set(["new"]), badges: new Set(), note: undefined });
    expect(player.home).toEqual({ city: "nowhere" });
    await player.save({ raiseOnConflict: true });
    expect(await raw.get({ id: { S: "D4 defaults" } })).toMatchObject({ energy: { N: "10" }, tags: { SS: ["new"] } });
  });

  it("D4: an attribute outside the schema is kept through get, change and save", async () => {
    const raw = rawTable(database.connection, "players");
    const id = { S: "D4 unknown" };
    const foreign = { M: { deep: { L: [{ N: "1" }, { NULL: true as const }] } } };
    const home = { M: { city: { S: "Ulm" }, planet: { S: "earth" } } };
    await raw.put({ id, name: { S: "ann" }, foreign, home, bits: { BS: [new Uint8Array([1])] } });
    const Bound = Player.on(database.connection);

    for (const options of [{}, { raiseOnConflict: true }]) {
      const player = await Bound.get("D4 unknown");
      expect(player).not.toHaveProperty("foreign");
      player.energy += 1;
      player.home.city += "!";
      await player.save(options);
    }
    const stored = await raw.get({ id });
    expect(stored).toMatchObject({ foreign, energy: { N: "12" }, bits: { BS: [new Uint8Array([1])] } });
    expect(stored?.["home"]?.M).toEqual({ city: { S: "Ulm!!" }, planet: { S: "earth" } });
  });

  it("D4: an unknown attribute is kept by a save of a new instance over the item, and goes with the item", async () => {
    const raw = rawTable(database.connection, "players");
    const id = { S: "D4 overwrite" };
    await raw.put({ id, name: { S: "ann" }, foreign: { N: "1" }, note: { S: "old" } });
    const Bound = Player.on(database.connection);
    const player = new Bound({ id: "D4 overwrite", name: "bob", badges: new Set() });
    await player.save();
    const stored = await raw.get({ id });
    expect(stored).toMatchObject({ name: { S: "bob" }, foreign: { N: "1" } });
    expect(stored).not.toHaveProperty("note");
    await player.delete();
    expect(await raw.get({ id })).toBeUndefined();
  });
});

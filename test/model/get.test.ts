import { DynamoDBModel, ItemNotFoundError, ValidationError } from "dynatx";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { useDatabase } from "../support/databases.js";
import { faultyClient } from "../support/faults.js";
import { transactionInFlight } from "../support/in-flight.js";
import { rawTable } from "../support/raw-table.js";

class Account extends DynamoDBModel.define({
  table: "accounts",
  hashKey: "id",
  schema: z.object({ id: z.string(), balance: z.number().default(0) }),
}) {}
class Ship extends DynamoDBModel.define({
  table: "ships",
  hashKey: "color",
  rangeKey: "builtAt",
  schema: z.object({ color: z.enum(["red", "blue"]), builtAt: z.date() }),
}) {}

describe("get and find", () => {
  const database = useDatabase();
  beforeAll(async () => {
    await database.connection.createTable(Account, { waitForActive: true });
    await database.connection.createTable(Ship, { waitForActive: true });
  });

  it("D12: get of an absent key is an ItemNotFoundError with table and key; find gives undefined", async () => {
    await expect(Account.on(database.connection).get("nobody")).rejects.toMatchObject({
      name: "ItemNotFoundError",
      code: "ITEM_NOT_FOUND",
      table: "accounts",
      key: { id: "nobody" },
      message: expect.stringContaining('accounts {"id":"nobody"}'),
    });
    const [date, Bound] = [new Date(5), Ship.on(database.connection)];
    await expect(Bound.get("red", date)).rejects.toThrow(ItemNotFoundError);
    await expect(Bound.get("red", date)).rejects.toMatchObject({ key: { color: "red", builtAt: date } });
    await expect(Ship.on(database.connection).at("red", date)()).rejects.toThrow(ItemNotFoundError);
    expect(await Account.on(database.connection).find("nobody")).toBeUndefined();
    expect(await Bound.find("red", date)).toBeUndefined();
  });

  it("D12: get and find of a present key give the instance", async () => {
    const Bound = Ship.on(database.connection);
    await new Bound({ color: "red", builtAt: new Date(7) }).save();
    const found = await Bound.find("red", new Date(7));
    expect(found).toBeInstanceOf(Ship);
    expect(found).toEqual(await Bound.get("red", new Date(7), { consistent: false }));
    const getter = Bound.at("red", new Date(7));
    expect(getter.key).toEqual({ color: "red", builtAt: new Date(7) });
    expect(await getter()).toEqual(found);
  });

  it.each<[string, readonly unknown[], readonly unknown[]]>([
    ["no key", [], []],
    ["a key of another type", [5], ["red", "not a date"]],
    ["a key too few", [undefined], ["red"]],
    ["a key too many", ["a", "b"], ["red", new Date(1), "c"]],
    ["a key of null", [null], ["red", null]],
    ["options in the place of a key", [{ consistent: false }], ["red", { consistent: false }]],
    ["an empty key", [""], ["", new Date(1)]],
    ["a key outside the schema", [["a"]], ["green", new Date(1)]],
    ["an invalid date", [new Date(Number.NaN)], ["red", new Date(Number.NaN)]],
  ])("D12: %s is a ValidationError at run time, and nothing is sent", async (_, simple, composite) => {
    const { client, sent } = faultyClient(database.endpoint, () => undefined);
    const connection = database.connect({ client });
    for (const [model, key] of [
      [Account.on(connection), simple],
      [Ship.on(connection), composite],
    ] as const) {
      // What the compiler refuses, a JavaScript user may still write.
      const untyped = model as unknown as Record<"get" | "find", (...key: readonly unknown[]) => Promise<unknown>> & {
        at(...key: readonly unknown[]): unknown;
      };
      await expect(untyped.get(...key)).rejects.toThrow(ValidationError);
      await expect(untyped.find(...key)).rejects.toThrow(ValidationError);
      expect(() => untyped.at(...key)).toThrow(ValidationError);
    }
    expect(sent).toEqual([]);
  });

  it("D12: a ValidationError about a key names the table and the attribute", async () => {
    const Bound = Account.on(database.connection);
    await expect(Bound.get(5 as never)).rejects.toMatchObject({
      table: "accounts",
      issues: [{ code: "invalid_type", path: ["id"] }],
    });
    await expect(Ship.on(database.connection).get(...(["red"] as unknown as ["red", Date]))).rejects.toThrow(
      /color and builtAt/,
    );
  });

  it("D12: an item under an intent reads as it was before; a placeholder is absent", async () => {
    const raw = rawTable(database.connection, "accounts");
    const { intent, placeholder } = await transactionInFlight(database.connection);
    await raw.put({ id: { S: "held" }, balance: { N: "5" }, _v: { S: "aaaaaaaa" }, _tx: intent });
    await raw.put({ id: { S: "placeholder" }, _tx: placeholder });
    const Bound = Account.on(database.connection);
    expect(await Bound.get("held")).toEqual(new Bound({ id: "held", balance: 5 }));
    expect(await Bound.find("placeholder")).toBeUndefined();
    await expect(Bound.get("placeholder")).rejects.toThrow(ItemNotFoundError);
    expect(await Bound.getBatch(["placeholder", "held"])).toEqual([undefined, new Bound({ id: "held", balance: 5 })]);
  });
});

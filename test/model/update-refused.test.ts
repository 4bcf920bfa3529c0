import {
  ConditionFailedError,
  ConflictError,
  DynamoDBModel,
  ItemNotFoundError,
  add,
  and,
  eq,
  exists,
  ge,
} from "dynatx";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { describeOnBoth } from "../support/databases.js";
import { faultyClient } from "../support/faults.js";
import { shortLease, transactionInFlight } from "../support/in-flight.js";
import { rawTable } from "../support/raw-table.js";

const table = "refused-accounts";
const day = (n: number) => new Date(Date.UTC(2026, 0, n));

class Account extends DynamoDBModel.define({
  table,
  hashKey: "id",
  schema: z.object({
    id: z.string(),
    balance: z.number().int().default(0),
    owner: z.string().default("ann"),
    note: z.string().optional(),
    opened: z.date().optional(),
  }),
}) {}

class Ledger extends DynamoDBModel.define({
  table: "refused-ledgers",
  hashKey: "id",
  rangeKey: "page",
  concurrency: "version",
  schema: z.object({ id: z.string(), page: z.number(), total: z.number() }),
}) {}

describeOnBoth("refused updates", (database) => {
  const accounts = () => Account.on(database.connection);
  const raw = () => rawTable(database.connection, table);

  beforeAll(async () => {
    for (const model of [Account, Ledger]) await database.connection.createTable(model, { waitForActive: true });
  });

  /** An account with this id and these values, saved. */
  async function open(id: string, values: Partial<ConstructorParameters<typeof Account>[0]> = {}) {
    const account = new (accounts())({ id, ...values });
    await account.save();
    return account;
  }

  it("D26: a missing item → ItemNotFoundError with its key, and nothing is created", async () => {
    const missing = accounts().update("missing", { balance: add(1) });
    await expect(missing).rejects.toThrow(ItemNotFoundError);
    await expect(missing).rejects.toMatchObject({
      table: database.connection.tableName(table),
      key: { id: "missing" },
    });
    const conditioned = accounts().update("missing", { balance: 1 }, { condition: { balance: eq(0) } });
    await expect(conditioned).rejects.toThrow(ItemNotFoundError);
    expect(await raw().get({ id: { S: "missing" } })).toBeUndefined();
  });

  it("D26: a condition that fails → ConditionFailedError with the item as it stands, unchanged", async () => {
    await open("refused", { balance: 3, opened: day(1) });
    await raw().set({ id: { S: "refused" } }, "extra", { N: "1" });
    const before = await raw().get({ id: { S: "refused" } });
    const refused = accounts().update("refused", { balance: add(-5) }, { condition: { balance: ge(5) } });
    await expect(refused).rejects.toThrow(ConditionFailedError);
    await expect(refused).rejects.toMatchObject({
      key: { id: "refused" },
      item: { id: "refused", balance: 3, owner: "ann", opened: day(1), extra: 1 },
    });
    expect(await raw().get({ id: { S: "refused" } })).toEqual(before);
    await expect(
      accounts().update("refused", { balance: 0 }, { condition: and({ balance: eq(3) }, { note: exists() }) }),
    ).rejects.toThrow(ConditionFailedError);
  });

  it("D26: the write id moves, so that a stale instance conflicts, in image and in version mode", async () => {
    const account = await open("stale", { balance: 1 });
    const version = (await raw().get({ id: { S: "stale" } }))?.["_v"]?.S;
    await accounts().update("stale", { balance: 1 }); // changes nothing but the write id
    expect((await raw().get({ id: { S: "stale" } }))?.["_v"]?.S).not.toContain(version);
    await expect(account.save({ raiseOnConflict: true })).rejects.toThrow(ConflictError);
    const Bound = Ledger.on(database.connection);
    const ledger = new Bound({ id: "stale", page: 1, total: 5 });
    await ledger.save();
    expect((await Bound.update("stale", 1, { total: add(1) })).total).toBe(6);
    await expect(ledger.save({ raiseOnConflict: true })).rejects.toThrow(ConflictError);
  });

  it("D26: an intent in flight is respected: waited for, and past the wait a ConflictError", async () => {
    const Bound = Account.on(database.connect(shortLease));
    const { intent, placeholder } = await transactionInFlight(database.connection, { living: true });
    await open("held", { balance: 1 });
    await raw().set({ id: { S: "held" } }, "_tx", intent);
    const before = await raw().get({ id: { S: "held" } });
    await expect(Bound.update("held", { balance: add(1) })).rejects.toThrow(ConflictError);
    await expect(Bound.update("held", { balance: 0 }, { condition: { balance: eq(1) } })).rejects.toThrow(
      ConflictError,
    );
    expect(await raw().get({ id: { S: "held" } })).toEqual(before);
    await raw().put({ id: { S: "placeholder" }, _tx: placeholder });
    await expect(Bound.update("placeholder", { balance: 0 })).rejects.toThrow(ConflictError);
    expect(await raw().get({ id: { S: "placeholder" } })).toEqual({ id: { S: "placeholder" }, _tx: placeholder });
  });

  it("D26: an update goes on when the intent has gone", async () => {
    await open("freed", { balance: 1 });
    const free = await raw().get({ id: { S: "freed" } });
    const { intent } = await transactionInFlight(database.connection, { living: true });
    await raw().set({ id: { S: "freed" } }, "_tx", intent);
    let looks = 0;
    const { client, sent } = faultyClient(database.endpoint, async (operation, { TableName }) => {
      if (operation === "GetItem" && String(TableName).endsWith(table) && ++looks === 3) await raw().put(free!);
      return undefined;
    });
    const Bound = Account.on(database.connect({ client }));
    expect((await Bound.update("freed", { balance: add(1) })).balance).toBe(2);
    expect(looks).toBe(3);
    expect(sent.filter((operation) => operation === "UpdateItem")).toHaveLength(2);
  });
});

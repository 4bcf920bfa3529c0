import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { Connection, DynamoDBModel, NoConnectionError, ValidationError, connect } from "dynatx";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { useDatabase } from "../support/databases.js";
import { rawTable } from "../support/raw-table.js";

class Account extends DynamoDBModel.define({
  table: "accounts",
  hashKey: "id",
  schema: z.object({ id: z.string(), balance: z.number().default(0) }),
}) {
  static readonly currency = "EUR";
  get owed() {
    return -this.balance;
  }
}

describe("connections", () => {
  const eu = useDatabase();
  const us = useDatabase();

  beforeAll(async () => {
    for (const tablePrefix of ["", "dev-", "test-"])
      await eu.connect({ tablePrefix }).createTable(Account, { waitForActive: true });
    await us.connection.createTable(Account, { waitForActive: true });
  });

  it("D21: tablePrefix keeps tables of one endpoint apart", async () => {
    const Dev = Account.on(eu.connect({ tablePrefix: "dev-" }));
    const Test = Account.on(eu.connect({ tablePrefix: "test-" }));
    await new Dev({ id: "prefix", balance: 1 }).save();
    await new Test({ id: "prefix", balance: 2 }).save();
    expect((await Dev.get("prefix")).balance).toBe(1);
    expect((await Test.get("prefix")).balance).toBe(2);
    const raw = (table: string) => rawTable(eu.connection, table).get({ id: { S: "prefix" } });
    expect(await raw("dev-accounts")).toMatchObject({ balance: { N: "1" } });
    expect(await raw("test-accounts")).toMatchObject({ balance: { N: "2" } });
    expect(await raw("accounts")).toBeUndefined();
    expect(eu.connect({ tablePrefix: "dev-" }).tableName("accounts")).toBe("dev-accounts");
    await expect(Dev.get("none")).rejects.toThrow('dev-accounts {"id":"none"}');
  });

  it("D21: two connections side by side do not mix, in any operation", async () => {
    const [Eu, Us] = [Account.on(eu.connection), Account.on(us.connection)];
    const [here, there] = [new Eu({ id: "side", balance: 1 }), new Us({ id: "side", balance: 2 })];
    await Promise.all([here.save(), there.save()]);
    const balances = async () => [(await Eu.find("side"))?.balance, (await Us.find("side"))?.balance];
    expect(await balances()).toEqual([1, 2]);
    await Eu.update("side", { balance: 10 });
    expect(await balances()).toEqual([10, 2]);
    there.balance = 20;
    await there.save({ raiseOnConflict: true });
    expect(await balances()).toEqual([10, 20]);
    await here.reload();
    expect(here.balance).toBe(10);
    const [listed] = await Us.query("side").toArray();
    listed!.balance = 30;
    await listed!.save({ raiseOnConflict: true });
    expect(await balances()).toEqual([10, 30]);
    expect((await Eu.at("side")()).balance).toBe(10);
    const [batched] = await Us.getBatch(["side"]);
    await Eu.batchWrite({ delete: ["side"] });
    expect(await balances()).toEqual([undefined, 30]);
    await batched!.delete({ raiseOnConflict: true });
    expect(await balances()).toEqual([undefined, undefined]);
  });

  it("D21: a model on a connection is the same model: methods, statics, instanceof, and the same class each time", async () => {
    const Eu = Account.on(eu.connection);
    expect(Account.on(eu.connection)).toBe(Eu);
    expect(Account.on(us.connection)).not.toBe(Eu);
    const account = new Eu({ id: "same", balance: 5 });
    expect([account.owed, Eu.currency, Eu.name]).toEqual([-5, "EUR", "Account"]);
    await account.save();
    expect(await Eu.get("same")).toBeInstanceOf(Account);
    expect(await Eu.on(us.connection).find("same")).toBeUndefined();
  });

  it("D21: a batch takes no instances of another connection", async () => {
    const [Eu, Us] = [Account.on(eu.connection), Account.on(us.connection)];
    await expect(Eu.batchWrite({ put: [new Us({ id: "stray" })] })).rejects.toThrow(ValidationError);
    expect(await Us.find("stray")).toBeUndefined();
  });

  it("D21: models without a connection of their own use the default one, and say so when there is none", async () => {
    await expect(Account.get("default")).rejects.toThrow(NoConnectionError);
    await expect(new Account({ id: "default" }).save()).rejects.toThrow(NoConnectionError);
    const first = connect({ client: eu.client });
    expect(first).toBeInstanceOf(Connection);
    const account = new Account({ id: "default", balance: 1 });
    await account.save();
    expect((await Account.on(eu.connection).get("default")).balance).toBe(1);
    const second = connect(us.connection);
    expect(second).toBe(us.connection);
    expect(await Account.find("default")).toBeUndefined();
    expect((await Account.on(first).get("default")).balance).toBe(1); // one that was named stays
  });

  it("D21: a DynamoDBDocumentClient serves as well, and anything else is refused", async () => {
    const document = DynamoDBDocumentClient.from(eu.client);
    const Eu = Account.on(new Connection({ client: document }));
    await new Eu({ id: "document", balance: 3 }).save({ raiseOnConflict: true });
    expect((await Eu.get("document")).balance).toBe(3);
    expect(() => new Connection({ client: {} as never })).toThrow(ValidationError);
    expect(() => new Connection({ client: undefined as never })).toThrow(ValidationError);
  });
});

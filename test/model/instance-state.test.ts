import { randomUUID } from "node:crypto";
import { DynamoDBModel, ValidationError } from "dynatx";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { useDatabase } from "../support/databases.js";
import { rawTable } from "../support/raw-table.js";

// What an instance holds while and after it is saved, and whatever its class does when one is made.

const database = useDatabase();

class Account extends DynamoDBModel.define({
  table: "accounts",
  hashKey: "id",
  schema: z.object({
    id: z.string(),
    owner: z.string().trim().default("nobody"),
    balance: z.number().default(0),
    tags: z.set(z.string()).optional(),
  }),
  timestamps: true,
}) {}

beforeAll(async () => {
  await database.connection.createTable(Account, { waitForActive: true });
});

describe("While an instance is saved", () => {
  test("D3: what is set meanwhile stays, and is written by the next save", async () => {
    const Accounts = Account.on(database.connection);
    const account = new Accounts({ id: randomUUID(), owner: " ann ", balance: 1 });
    const saving = account.save();
    account.balance = 2;
    await saving;
    expect(account.balance).toBe(2);
    expect(account.owner).toBe("ann"); // what validation made of it shows
    await account.save({ raiseOnConflict: true });
    expect(await Accounts.get(account.id)).toMatchObject({ balance: 2, owner: "ann" });
  });
});

describe("A class with members of its own", () => {
  class Careless extends Account {
    // As a compiler leaves it where fields are declared again without `declare`, or with a value.
    override balance = 0;
    override owner: string;
    constructor(values: ConstructorParameters<typeof Account>[0]) {
      super(values);
      this.owner = "the constructor";
    }
  }

  test("D3: a read instance holds what is stored, whatever its fields and constructor say", async () => {
    const Accounts = Account.on(database.connection);
    const id = randomUUID();
    await new Accounts({ id, owner: "ann", balance: 7 }).save();
    const careless = await Careless.on(database.connection).get(id);
    expect(careless).toBeInstanceOf(Careless);
    expect(careless).toMatchObject({ owner: "ann", balance: 7 });
    await careless.save({ raiseOnConflict: true });
    expect(await Accounts.get(id)).toMatchObject({ owner: "ann", balance: 7 });
  });
});

describe("A bulk batchWrite", () => {
  const hooked: string[] = [];
  class Numbered extends DynamoDBModel.define({
    table: "numbered",
    hashKey: "id",
    autoIncrement: true,
    schema: z.object({ id: z.int(), name: z.string() }),
  }) {
    static override beforeSave(instance: Numbered): void {
      hooked.push(instance.name);
    }
  }

  test("D14: its instances count as saved: they can be saved and deleted again with raiseOnConflict", async () => {
    const Accounts = Account.on(database.connection);
    const account = new Accounts({ id: randomUUID() });
    await Accounts.batchWrite({ put: [account] }, { bulk: true });
    expect(account.createdAt).toBeInstanceOf(Date);
    account.balance = 5;
    await account.save({ raiseOnConflict: true });
    expect(await rawTable(database.connection, "accounts").get({ id: { S: account.id } })).toMatchObject({
      balance: { N: "5" },
    });
    await account.delete({ raiseOnConflict: true });
    expect(await Accounts.find(account.id)).toBeUndefined();
  });

  test("D29: its hooks run once for each instance, with and without a key", async () => {
    await database.connection.createTable(Numbered, { waitForActive: true });
    const Items = Numbered.on(database.connection);
    const [given, unset] = [new Items({ id: 70, name: "given" }), new Items({ name: "unset" })];
    await Items.batchWrite({ put: [given, unset] }, { bulk: true });
    expect(hooked).toEqual(["given", "unset"]);
    expect(await Items.getBatch([70, unset.id])).toMatchObject([{ name: "given" }, { name: "unset" }]);
  });

  test.each([true, false])("D21: instances of another connection are refused (bulk: %s)", async (bulk) => {
    const Here = Account.on(database.connection);
    const There = Here.on(database.connect()); // a class of Here's, but with its items elsewhere
    const account = new There({ id: randomUUID() });
    await expect(Here.batchWrite({ put: [account] }, { bulk })).rejects.toThrow(ValidationError);
  });
});

import { randomUUID } from "node:crypto";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { ConflictError, DynamoDBModel, DynatxError, OverwriteError } from "dynatx";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { describeOnBoth } from "../support/databases.js";
import { rawTable } from "../support/raw-table.js";
import type { RawTable } from "../support/raw-table.js";

const shape = {
  id: z.string(),
  owner: z.string(),
  balance: z.number().default(0),
  note: z.string().optional(),
  tags: z.set(z.string()),
  home: z.object({ city: z.string() }).optional(),
  list: z.array(z.number()).optional(),
  data: z.instanceof(Uint8Array).optional(),
};

class Account extends DynamoDBModel.define({ table: "accounts", hashKey: "id", schema: z.object(shape) }) {}
class Versioned extends DynamoDBModel.define({
  table: "versioned",
  hashKey: "id",
  concurrency: "version",
  schema: z.object(shape),
}) {}

/** The error a promise is rejected with. */
function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

const strict = { raiseOnConflict: true };

describeOnBoth("save", (database) => {
  let Bound: typeof Account;
  let raw: RawTable;
  beforeAll(async () => {
    await database.connection.createTable(Account, { waitForActive: true });
    await database.connection.createTable(Versioned, { waitForActive: true });
    Bound = Account.on(database.connection);
    raw = rawTable(database.connection, "accounts");
  });

  /** An account in the database, as it is read. */
  async function stored(values: Partial<Account> = {}): Promise<Account> {
    const id = randomUUID();
    await new Bound({ id, owner: "ann", tags: new Set(["a"]), ...values }).save(strict);
    return Bound.get(id);
  }
  const key = ({ id }: { id: string }): { id: { S: string } } => ({ id: { S: id } });

  /** Saving must be refused with a ConflictError that shows the item, and must change nothing. */
  async function expectConflict(account: Account): Promise<ConflictError> {
    const before = await raw.get(key(account));
    const error = await errorOf(account.save(strict));
    expect(error).toBeInstanceOf(ConflictError);
    expect(error).not.toBeInstanceOf(OverwriteError);
    expect(error).toMatchObject({ code: "CONFLICT", retryable: true, key: { id: account.id } });
    expect(await raw.get(key(account))).toEqual(before);
    return error as ConflictError;
  }

  it("D5: a new instance replaces an existing item, so that nothing of its schema is left", async () => {
    const old = await stored({ note: "old", balance: 5, home: { city: "Ulm" } });
    await new Bound({ id: old.id, owner: "bob", tags: new Set() }).save();
    expect(await Bound.get(old.id)).toEqual(new Bound({ id: old.id, owner: "bob", tags: new Set() }));
  });

  it("D5: a new instance replaces an item of another program", async () => {
    const id = randomUUID();
    await raw.put({ id: { S: id }, balance: { S: "not even a number" } });
    await new Bound({ id, owner: "bob", tags: new Set() }).save();
    expect(await Bound.get(id)).toMatchObject({ owner: "bob", balance: 0 });
  });

  it("D5: with raiseOnConflict an existing item is an OverwriteError that shows it, and stays unchanged", async () => {
    const old = await stored({ note: "old" });
    const before = await raw.get(key(old));
    const error = await errorOf(new Bound({ id: old.id, owner: "bob", tags: new Set() }).save(strict));
    expect(error).toBeInstanceOf(OverwriteError);
    const table = database.connection.tableName("accounts");
    expect(error).toMatchObject({ code: "OVERWRITE", table, key: { id: old.id }, item: { owner: "ann", note: "old" } });
    expect(await raw.get(key(old))).toEqual(before);
  });

  it("D10: an OverwriteError is also a ConflictError, and both are DynatxErrors", async () => {
    const old = await stored();
    const error = await errorOf(new Bound({ id: old.id, owner: "bob", tags: new Set() }).save(strict));
    expect(error).toBeInstanceOf(OverwriteError);
    expect(error).toBeInstanceOf(ConflictError);
    expect(error).toBeInstanceOf(DynatxError);
    expect(error).toBeInstanceOf(Error);
    expect(error).toHaveProperty("name", "OverwriteError");
  });

  it("D6: another attribute changed by the raw SDK is a ConflictError that shows the item as it stands", async () => {
    const account = await stored({ note: "n" });
    await raw.set(key(account), "owner", { S: "eve" });
    account.balance = 7;
    const error = await expectConflict(account);
    expect(error.item).toMatchObject({ owner: "eve", balance: 0 });
    expect(error.item).not.toHaveProperty("_v");
  });

  it.each([
    ["a nested member", "home", { M: { city: { S: "Rom" } } }],
    ["a list's order", "list", { L: [{ N: "2" }, { N: "1" }] }],
    ["a set", "tags", { SS: ["a", "b"] }],
    ["bytes", "data", { B: new Uint8Array([2]) }],
    ["the type", "note", { N: "1" }],
    ["the same attribute", "balance", { N: "1" }],
  ])("D6: %s changed elsewhere is a ConflictError", async (_, name, value) => {
    const account = await stored({ note: "1", home: { city: "Ulm" }, list: [1, 2], data: new Uint8Array([1]) });
    await raw.set(key(account), name, value);
    account.balance = 7;
    await expectConflict(account);
  });

  it("D6: an item replaced by the raw SDK with equal attributes is a ConflictError: its write id is gone", async () => {
    const account = await stored();
    const { _v, ...rest } = (await raw.get(key(account))) ?? {};
    await raw.put(rest);
    account.balance = 7;
    await expectConflict(account);
  });

  it("D6: without raiseOnConflict the change elsewhere is replaced", async () => {
    const account = await stored();
    await raw.set(key(account), "owner", { S: "eve" });
    account.balance = 7;
    await account.save();
    expect(await Bound.get(account.id)).toMatchObject({ owner: "ann", balance: 7 });
  });

  it("D6: of two who read the same item, the second to save meets the conflict", async () => {
    const first = await stored();
    const second = await Bound.get(first.id);
    first.balance = 1;
    await first.save(strict);
    second.note = "other attribute";
    await expectConflict(second);
  });

  it('D6: with concurrency "version" a change by dynatx is a ConflictError, and one by others is not looked for', async () => {
    const Light = Versioned.on(database.connection);
    const light = rawTable(database.connection, "versioned");
    const first = new Light({ id: randomUUID(), owner: "ann", tags: new Set() });
    await first.save(strict);
    const second = await Light.get(first.id);
    await light.set(key(first), "note", { S: "raw" });
    first.balance = 1;
    await first.save(strict);
    second.owner = "bob";
    await expect(second.save(strict)).rejects.toThrow(ConflictError);
    expect(await Light.get(first.id)).toMatchObject({ owner: "ann", balance: 1, note: "raw" });
  });

  it("D7: an item deleted elsewhere is a ConflictError, and is not resurrected", async () => {
    const account = await stored();
    await raw.delete(key(account));
    account.balance = 7;
    const error = await expectConflict(account);
    expect(error.item).toBeUndefined();
  });

  it("D7: an item of another program, which has no write id, is not resurrected either", async () => {
    const light = rawTable(database.connection, "versioned");
    const id = { S: randomUUID() };
    await light.put({ id, owner: { S: "raw" } });
    const read = await Versioned.on(database.connection).get(id.S);
    await light.delete({ id });
    await expect(read.save(strict)).rejects.toThrow(ConflictError);
    expect(await light.get({ id })).toBeUndefined();
  });

  it("D7: an attribute of the schema added elsewhere is a ConflictError; one outside the schema is kept", async () => {
    const account = await stored();
    await raw.set(key(account), "foreign", { S: "kept" });
    account.balance = 7;
    await account.save(strict);
    expect(await raw.get(key(account))).toMatchObject({ foreign: { S: "kept" }, balance: { N: "7" } });
    await raw.set(key(account), "note", { S: "added" });
    account.balance = 8;
    await expectConflict(account);
  });

  it("D7: with nothing changed elsewhere the instance saves again and again", async () => {
    const account = new Bound({ id: randomUUID(), owner: "ann", tags: new Set(["a"]), data: new Uint8Array([0]) });
    for (let round = 1; round <= 12; round++) {
      account.balance = round;
      account.note = round % 2 === 0 ? undefined : "odd";
      account.tags.add(`tag ${round}`);
      account.home = { city: `city ${round}` };
      account.data![0] = round; // in place
      await account.save(strict);
      expect(await Bound.get(account.id)).toEqual(account);
    }
    const read = await Bound.get(account.id);
    read.data![0] = 99; // in what was read
    await read.save(strict);
    expect((await Bound.get(account.id)).data).toEqual(new Uint8Array([99]));
    await read.save(strict); // unchanged
  });

  it("D8: an attribute that was absent when read and is set elsewhere is a ConflictError", async () => {
    const additions: [string, AttributeValue][] = [
      ["note", { S: "" }],
      ["home", { M: {} }],
      ["list", { L: [] }],
      ["data", { B: new Uint8Array([1]) }],
    ];
    for (const [name, value] of additions) {
      const account = await stored();
      await raw.set(key(account), name, value);
      account.balance = 7;
      await expectConflict(account);
    }
    const empty = await stored({ tags: new Set() });
    await raw.set(key(empty), "tags", { SS: ["x"] });
    empty.balance = 7;
    await expectConflict(empty);
  });
});

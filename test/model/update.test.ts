import { DynamoDBModel, ValidationError, add, append, eq, ge, ifAbsent, patch, prepend, remove, union } from "dynatx";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { describeOnBoth } from "../support/databases.js";
import { faultyClient } from "../support/faults.js";
import { rawTable } from "../support/raw-table.js";

const table = "update-accounts";
const day = (n: number) => new Date(Date.UTC(2026, 0, n));

class Account extends DynamoDBModel.define({
  table,
  hashKey: "id",
  schema: z.object({
    id: z.string(),
    balance: z.number().int().default(0),
    rate: z.number().optional(),
    bonus: z.number().default(100),
    cents: z.bigint().optional(),
    owner: z.string().min(2),
    note: z.string().optional(),
    opened: z.date().optional(),
    log: z.array(z.string()).default(() => []),
    dates: z.array(z.date()).optional(),
    place: z
      .object({ city: z.string(), zip: z.number().optional(), seen: z.array(z.number()).default(() => []) })
      .optional(),
    counts: z.record(z.string(), z.number()).default(() => ({})),
  }),
}) {
  get rich() {
    return this.balance > 1000;
  }
}

describeOnBoth("update", (database) => {
  const accounts = () => Account.on(database.connection);
  const raw = () => rawTable(database.connection, table);

  beforeAll(() => database.connection.createTable(Account, { waitForActive: true }));

  /** An account with this id and these values, saved. */
  async function open(id: string, values: Partial<ConstructorParameters<typeof Account>[0]> = {}) {
    const account = new (accounts())({ id, owner: "ann", ...values });
    await account.save();
    return account;
  }

  it("D26: several changes at once, without a read; the new instance comes back", async () => {
    await open("several", { balance: 10, note: "old", log: ["a"] });
    const { client, sent } = faultyClient(database.endpoint, () => undefined);
    const Counted = Account.on(database.connect({ client }));
    const account = await Counted.update(
      "several",
      { balance: add(-5), owner: "bob", note: remove(), log: append("b"), opened: day(1) },
      { condition: { balance: ge(5) } },
    );
    expect(sent).toEqual(["UpdateItem"]);
    expect(account).toBeInstanceOf(Account);
    expect(account.rich).toBe(false);
    expect(account).toMatchObject({ balance: 5, owner: "bob", note: undefined, log: ["a", "b"], opened: day(1) });
    expect((await accounts().get("several")).toJSON()).toEqual(account.toJSON());
    account.owner = "carl"; // and it can be saved against what it was given
    await account.save({ raiseOnConflict: true });
  });

  it("D26: a value sets, undefined and bad values are ValidationErrors, and nothing is sent", async () => {
    await open("set");
    expect(await accounts().update("set", { owner: "bob", rate: 0.5 })).toMatchObject({ owner: "bob", rate: 0.5 });
    const { client, sent } = faultyClient(database.endpoint, () => undefined);
    const Counted = Account.on(database.connect({ client }));
    const update: (id: string, changes: unknown) => Promise<unknown> = Counted.update.bind(Counted) as never;
    const bad: unknown[] = [
      undefined,
      [],
      eq(1),
      { owner: "x" },
      { owner: undefined },
      { owner: 5 },
      { owner: eq("bob") },
      { owner: add(1) },
      { owner: append("x") },
      { owner: patch({ a: 1 }) },
      { balance: 0.5 },
      { balance: add(0.5) },
      { balance: add("1" as never) },
      { cents: add(1.5) },
      { log: append(1) },
      { log: union(["x"]) },
      { place: { zip: 1 } },
      { place: patch({ zip: "x" }) },
      { place: patch({ country: "IT" }) },
      { place: patch({ id: "x" }) },
      { height: 1 },
      { id: "other" },
    ];
    for (const changes of bad) {
      await expect(update("set", changes), JSON.stringify(changes)).rejects.toThrow(ValidationError);
      expect(sent, JSON.stringify(changes)).toEqual([]);
    }
    expect(sent).toEqual([]);
  });

  it("D26: add to numbers and bigints; an absent number counts as its default, else as 0", async () => {
    await open("add", { balance: 10, cents: 2n ** 70n });
    expect(await accounts().update("add", { balance: add(5), cents: add(-1n), rate: add(0.25) })).toMatchObject({
      balance: 15,
      cents: 2n ** 70n - 1n,
      rate: 0.25,
    });
    await raw().put({ id: { S: "add-bare" }, owner: { S: "ann" } });
    const bare = await accounts().update("add-bare", { balance: add(1), bonus: add(1), cents: add(7n) });
    expect(bare).toMatchObject({ balance: 1, bonus: 101, cents: 7n });
  });

  it("D26: 20 concurrent adds are all counted", async () => {
    await open("race");
    await Promise.all(Array.from({ length: 20 }, () => accounts().update("race", { balance: add(1) })));
    expect((await accounts().get("race")).balance).toBe(20);
  });

  it("D26: remove takes an attribute away; a default shows again", async () => {
    await open("remove", { note: "x", rate: 1 });
    const account = await accounts().update("remove", { note: remove(), rate: remove() });
    expect([account.note, account.rate]).toEqual([undefined, undefined]);
    const stored = await raw().get({ id: { S: "remove" } });
    expect(stored).not.toHaveProperty("note");
    expect(stored).not.toHaveProperty("rate");
  });

  it("D26: append and prepend, to an absent list too", async () => {
    await open("lists", { log: ["m"] });
    const account = await accounts().update("lists", { log: append("n", "o"), dates: prepend(day(1), day(2)) });
    expect(account).toMatchObject({ log: ["m", "n", "o"], dates: [day(1), day(2)] });
    expect(await accounts().update("lists", { log: prepend("k", "l"), dates: append(day(3)) })).toMatchObject({
      log: ["k", "l", "m", "n", "o"],
      dates: [day(1), day(2), day(3)],
    });
  });

  it("D26: ifAbsent sets what is not there and leaves what is", async () => {
    await open("absent", { note: "kept" });
    const account = await accounts().update("absent", { note: ifAbsent("new"), rate: ifAbsent(2) });
    expect(account).toMatchObject({ note: "kept", rate: 2 });
  });

  it("D26: patch changes members of a nested object and leaves the others", async () => {
    await open("patch", { place: { city: "Rome", zip: 1, seen: [1] }, counts: { a: 1 } });
    const account = await accounts().update("patch", {
      place: patch({ city: "Oslo", zip: remove(), seen: append(2) }),
      counts: patch({ a: add(1), "b.c": 5, d: add(2) }),
    });
    expect(account.place).toEqual({ city: "Oslo", seen: [1, 2] });
    expect(account.counts).toEqual({ a: 2, "b.c": 5, d: 2 });
    const all = await accounts().update("patch", { place: { city: "Bern", seen: [] } });
    expect(all.place).toEqual({ city: "Bern", seen: [] });
  });

  it("D26: a patch of an object that is not there is a ValidationError, and nothing changes", async () => {
    await open("no-place");
    await expect(accounts().update("no-place", { place: patch({ zip: 1 }), owner: "bob" })).rejects.toThrow(
      ValidationError,
    );
    expect(await accounts().get("no-place")).toMatchObject({ owner: "ann", place: undefined });
  });
});

import { ConflictError, DynamoDBModel, OverwriteError, ValidationError, transact } from "dynatx";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { rawTable } from "../../support/raw-table.js";
import { changeElsewhere } from "../bank-ground.js";
import { Account, balanceOf, failureOf, openAccount, unique } from "../bank.js";
import { describeAtomic } from "./ground.js";

/** How a running transaction treats the items it has met. */
describeAtomic("items inside a transaction", (database) => {
  const log: string[] = [];
  const shape = { id: z.string(), owner: z.string(), size: z.number().default(3), tags: z.set(z.string()).optional() };
  class Crate extends DynamoDBModel.define({
    table: "crates",
    hashKey: "id",
    timestamps: true,
    indexes: { byOwner: { hashKey: "owner" } },
    schema: z.object(shape),
  }) {
    static override async beforeSave(crate: Crate): Promise<void> {
      await Promise.resolve();
      log.push(`beforeSave ${crate.id} ${crate.size}`);
    }
  }
  class Summary extends DynamoDBModel.define({
    table: "crates",
    hashKey: "id",
    schema: z.object({ id: z.string(), size: z.number().default(3) }),
  }) {}
  beforeAll(() => database.connection.createTable(Crate, { waitForActive: true }));
  beforeEach(() => void log.splice(0));

  const crateOf = async (size = 1): Promise<Crate> => {
    const crate = new Crate({ id: unique(), owner: unique(), size });
    await crate.save();
    log.length = 0;
    return crate;
  };
  const rawOf = (id: string) => rawTable(database.connection, "crates").get({ id: { S: id } });
  const pair = async () => [await crateOf(), await crateOf()] as const;

  test("A4: an item is one instance, however it is read: by key, in a batch, by query, index and scan", async () => {
    const crate = await crateOf();
    await transact(async (tx) => {
      const [one, two] = await Promise.all([tx.get(Crate, crate.id), Crate.get(crate.id)]);
      const [three] = await Crate.getBatch([crate.id]);
      const four = await Crate.query(crate.id).first();
      const five = await Crate.query(crate.owner, { index: "byOwner" }).first();
      const all = await Crate.scan().toArray();
      expect(new Set([one, two, three, four, five, ...all.filter(({ id }) => id === crate.id)]).size).toBe(1);
      one.size = 8;
      expect(five?.size).toBe(8);
    });
    expect((await Crate.get(crate.id)).size).toBe(8);
  });

  test("A4: what a query has brought for another model, in part, is whole when it is read through its own", async () => {
    const crate = await crateOf();
    await transact(async (tx) => {
      const [summary] = await Crate.query(crate.id, { as: Summary }).toArray();
      const whole = await tx.get(Crate, crate.id);
      expect([summary?.size, whole.owner]).toEqual([1, crate.owner]);
      whole.owner = `${crate.owner} and ann`;
    });
    expect((await Crate.get(crate.id)).owner).toBe(`${crate.owner} and ann`);
  });

  test("A3: what a query or an index brings is protected: changed by another in between, all of it runs again", async () => {
    const [crate, other] = await pair();
    for (const options of [{}, { index: "byOwner" as const }]) {
      const seen: number[] = [];
      await transact(async (tx) => {
        const query = "index" in options ? Crate.query(crate.owner, options) : Crate.query(crate.id, options);
        const found = await query.toArray();
        const size = found[0]?.size ?? NaN;
        if (seen.push(size) === 1)
          await rawTable(database.connection, "crates").set({ id: { S: crate.id } }, "size", { N: String(size + 1) });
        (await tx.get(Crate, other.id)).size = size;
      });
      expect(seen[1]).toBe((seen[0] ?? NaN) + 1);
    }
  });

  test("A4: what the transaction has deleted is not brought by queries; what it has put is", async () => {
    const crate = await crateOf();
    await transact(async (tx) => {
      const found = await tx.get(Crate, crate.id);
      tx.delete(found);
      expect(await Crate.query(crate.id).toArray()).toEqual([]);
      expect(await Crate.getBatch([crate.id])).toEqual([undefined]);
      tx.put(found);
      expect(await Crate.query(crate.id).toArray()).toEqual([found]);
    });
    expect((await Crate.get(crate.id)).size).toBe(1);
  });

  test("D4: what was only read is not written, though its defaults were filled in: it stays as it is stored", async () => {
    const [crate, other] = await pair();
    await rawTable(database.connection, "crates").put({ id: { S: crate.id }, owner: { S: "x" } });
    await transact(async (tx) => {
      expect((await tx.get(Crate, crate.id)).size).toBe(3);
      (await tx.get(Crate, other.id)).size = 9;
    });
    expect(await rawOf(crate.id)).toEqual({ id: { S: crate.id }, owner: { S: "x" } });
    expect(log).toEqual([`beforeSave ${other.id} 9`]);
  });

  test("D28: an item that does not fit the schema, read without validation and not changed, is in nobody's way", async () => {
    const [crate, other] = await pair();
    await rawTable(database.connection, "crates").put({ id: { S: crate.id }, owner: { S: "x" }, size: { S: "much" } });
    await transact(async (tx) => {
      await Crate.get(crate.id, { validate: false });
      (await tx.get(Crate, other.id)).size = 9;
    });
    expect((await Crate.get(other.id)).size).toBe(9);
  });

  test("D29: hooks and timestamps as with save: once for each item that is written, in order, with what it holds at the end", async () => {
    const [a, b] = await pair();
    const c = new Crate({ id: unique(), owner: "c" });
    await transact(async (tx) => {
      const [first, second] = [await tx.get(Crate, a.id), await tx.get(Crate, b.id)];
      await first.save(); // explicit, unchanged: written all the same
      tx.put(c);
      second.size = 5;
      first.size = 4;
    });
    expect(log).toEqual([`beforeSave ${a.id} 4`, `beforeSave ${b.id} 5`, `beforeSave ${c.id} 3`]);
    const [first, third] = [await Crate.get(a.id), await Crate.get(c.id)];
    expect(first.createdAt).toEqual(a.createdAt);
    expect(Number(first.updatedAt)).toBeGreaterThan(Number(a.updatedAt));
    expect([c.createdAt, c.updatedAt]).toEqual([third.createdAt, third.updatedAt]);
    c.size = 7;
    await c.save({ raiseOnConflict: true }); // it knows what is stored
  });

  test("D29: a hook may change another item of the transaction, whose own hook runs then", async () => {
    const [a, b] = await pair();
    class Linked extends Crate {
      static override async beforeSave(crate: Crate): Promise<void> {
        await super.beforeSave(crate);
        (await Crate.get(b.id)).size += crate.size;
      }
    }
    await transact(async (tx) => {
      await tx.get(Crate, b.id);
      (await tx.get(Linked, a.id)).size = 10;
    });
    expect(log).toEqual([`beforeSave ${a.id} 10`, `beforeSave ${b.id} 11`]);
    expect((await Crate.get(b.id)).size).toBe(11);
  });

  test("A5: put, then deleted: nothing is written; deleted, then put: replaced; each at its key as it is at the end", async () => {
    const [crate, other] = await pair();
    await rawTable(database.connection, "crates").set({ id: { S: crate.id } }, "extra", { S: "old" });
    const id = unique();
    await transact(async (tx) => {
      const fresh = new Crate({ id, owner: "nobody" });
      await fresh.save({ raiseOnConflict: true });
      await fresh.delete();
      const found = await tx.get(Crate, crate.id);
      await found.delete({ raiseOnConflict: true });
      await new Crate({ id: crate.id, owner: "new" }).save({ raiseOnConflict: true });
      (await tx.get(Crate, other.id)).size = 2;
    });
    expect(await Crate.find(id)).toBeUndefined();
    const raw = await rawOf(crate.id);
    expect([raw?.["owner"]?.S, raw?.["extra"]]).toEqual(["new", undefined]);
    expect((await Crate.get(other.id)).size).toBe(2);
  });

  test("D5: a new instance put where an item is: goes over it; what the schema does not know, and the time of creation, stay", async () => {
    const crate = await crateOf();
    await rawTable(database.connection, "crates").set({ id: { S: crate.id } }, "extra", { S: "kept" });
    const over = new Crate({ id: crate.id, owner: "over", size: 6 });
    await transact((tx) => tx.put(over));
    const raw = await rawOf(crate.id);
    expect([raw?.["owner"]?.S, raw?.["extra"]?.S]).toEqual(["over", "kept"]);
    expect((await Crate.get(crate.id)).createdAt).toEqual(crate.createdAt);
    over.size = 7;
    await over.save({ raiseOnConflict: true });
  });

  test("A5: a new instance that must not exist, where an item is: OverwriteError, at once when the transaction has seen it", async () => {
    const crate = await crateOf();
    const error = await failureOf(
      transact(
        async (tx) => {
          await tx.get(Crate, crate.id);
          await new Crate({ id: crate.id, owner: "x" }).save({ raiseOnConflict: true });
        },
        { maxRetries: 2 },
      ),
    );
    expect(error).toMatchObject({ code: "MAX_RETRIES_EXCEEDED", attempts: 2, cause: { code: "OVERWRITE" } });
    await transact(async () => {
      const save = new Crate({ id: crate.id, owner: "x" }).save({ raiseOnConflict: true });
      await expect(Promise.all([Crate.get(crate.id), save])).resolves.toBeDefined(); // it is not known yet
      await Crate.find(crate.id).then((found) => found?.delete());
    }).catch((reason: unknown) => expect(reason).toBeInstanceOf(OverwriteError));
  });

  test("A1: an instance that was read before the transaction has its own image as condition; a conflict is not repeated", async () => {
    const account = await openAccount(5);
    const before = await Account.get(account.id);
    const other = await openAccount(0);
    let runs = 0;
    const work = async (): Promise<void> => {
      runs++;
      before.balance += 1;
      await before.save();
      (await Account.get(other.id)).balance += 1;
    };
    await transact(work);
    expect([runs, await balanceOf(account), await balanceOf(other)]).toEqual([1, 6, 1]);
    await changeElsewhere(database, account.id, 50);
    const error = await failureOf(transact(work));
    expect(error).toBeInstanceOf(ConflictError);
    expect([runs, await balanceOf(account), await balanceOf(other)]).toEqual([2, 50, 1]);
    // The same when the transaction has found out by reading it.
    const reading = transact(async (tx) => {
      await tx.get(Account, account.id);
      await work();
    });
    expect(await failureOf(reading)).toBeInstanceOf(ConflictError);
    expect(runs).toBe(3);
    await before.reload();
    await transact(work);
    expect(await balanceOf(account)).toBe(51);
  });

  test("A4: through two models: both may read; both changed is refused, before anything is written", async () => {
    const crate = await crateOf();
    const both = async (changed: readonly ("crate" | "summary")[], size = 7): Promise<void> =>
      transact(async (tx) => {
        const [whole, part] = [await tx.get(Crate, crate.id), await tx.get(Summary, crate.id)];
        if (changed.includes("crate")) whole.size = size;
        if (changed.includes("summary")) part.size = size + 1;
      });
    await both(["summary"]);
    expect((await Crate.get(crate.id)).size).toBe(8);
    await both(["crate"]);
    const error = await failureOf(both(["crate", "summary"], 9));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({ message: /two instances \(Crate and Summary\)/, key: { id: crate.id } });
    expect((await Crate.get(crate.id)).size).toBe(7);
  });

  test("A4: reload brings back what the transaction has read, whatever is stored by now", async () => {
    const account = await openAccount(5);
    const seen: number[] = [];
    await transact(async (tx) => {
      const found = await tx.get(Account, account.id);
      if (seen.length === 0) await changeElsewhere(database, account.id, 9);
      found.balance = 100;
      await found.reload();
      seen.push(found.balance);
      found.balance += 1;
    });
    expect(seen).toEqual([5, 9]);
    expect(await balanceOf(account)).toBe(10);
    await expect(transact(() => new Account({ id: unique() }).reload())).rejects.toMatchObject({
      code: "ITEM_NOT_FOUND",
    });
  });

  test("D9: a key edited inside is refused, not repeated", async () => {
    const account = await openAccount(5);
    let runs = 0;
    const work = async (): Promise<void> => {
      runs++;
      (await Account.get(account.id)).id = unique();
    };
    expect(await failureOf(transact(work))).toMatchObject({ code: "VALIDATION" });
    expect(runs).toBe(1);
  });

  test("D11: an instance that was deleted counts as new after the commit; one that was never saved is not deleted", async () => {
    const account = await openAccount(5);
    const found = await Account.get(account.id);
    await transact(() => found.delete());
    expect(await Account.find(account.id)).toBeUndefined();
    await found.save({ raiseOnConflict: true });
    await transact(() => new Account({ id: found.id }).delete()); // by its key
    expect(await Account.find(found.id)).toBeUndefined();
    const never = transact(() => new Account({ id: unique() }).delete({ raiseOnConflict: true }), { maxRetries: 1 });
    expect(await failureOf(never)).toMatchObject({ cause: { message: /never saved/ } });
  });

  test("D21: the item of two connections with one client is one item; the last to be saved of two instances is refused", async () => {
    const account = await openAccount(5);
    const Elsewhere = Account.on(database.connect());
    await transact(async (tx) => {
      await tx.get(Account, account.id);
      (await tx.get(Elsewhere, account.id)).balance = 6;
    });
    expect(await balanceOf(account)).toBe(6);
  });
});

import { ConflictError, DynamoDBModel, ValidationError, atomic, eq, sequential, transact } from "dynatx";
import type { TransactionContext } from "dynatx";
import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { rawTable } from "../../support/raw-table.js";
import { changeElsewhere } from "../bank-ground.js";
import { Account, Deposit, Transfer, balanceOf, failureOf, openAccount, unique } from "../bank.js";
import { describeAtomic } from "./ground.js";

describeAtomic("transact()", (database) => {
  const failure = new Error("not this one");

  test("A13: the value comes back; what was read and changed is written without being asked, at the end and at once", async () => {
    const [a, b] = [await openAccount(10), await openAccount(0)];
    const value = await transact(async (tx) => {
      const from = await tx.get(Account, a.id);
      const to = await tx.find(Account, b.id);
      from.withdraw(4);
      if (to !== undefined) to.balance += 4;
      const raw = await rawTable(database.connection, "accounts").get({ id: { S: a.id } });
      return raw?.["balance"]?.N;
    });
    expect(value).toBe("10");
    expect([await balanceOf(a), await balanceOf(b)]).toEqual([6, 4]);
  });

  test("A13: an exception: nothing is written, whatever was saved, put and deleted before it", async () => {
    const [a, b, id] = [await openAccount(1), await openAccount(1), unique()];
    const work = async (tx: TransactionContext): Promise<void> => {
      const found = await tx.get(Account, a.id);
      found.balance = 9;
      await found.save();
      tx.put(new Account({ id }));
      tx.delete(await tx.get(Account, b.id));
      expect(await tx.find(Account, b.id)).toBeUndefined();
      throw failure;
    };
    expect(await failureOf(transact(work))).toBe(failure);
    expect((await Account.getBatch([a.id, b.id, id])).map((each) => each?.balance)).toEqual([1, 1, undefined]);
  });

  test("A13: a nested transact joins: one commit for both, and an error in it that comes out ends the whole", async () => {
    const [a, b] = [await openAccount(1), await openAccount(1)];
    const inner = (fails: boolean): Promise<string> =>
      transact(async (tx) => {
        (await tx.get(Account, b.id)).balance += 1;
        if (fails) throw failure;
        return "inner";
      });
    const outer = (fails: boolean): Promise<string> =>
      transact(async (tx) => {
        (await tx.get(Account, a.id)).balance += 1;
        return inner(fails);
      });
    expect(await failureOf(outer(true))).toBe(failure);
    expect([await balanceOf(a), await balanceOf(b)]).toEqual([1, 1]);
    expect(await outer(false)).toBe("inner");
    expect([await balanceOf(a), await balanceOf(b)]).toEqual([2, 2]);
  });

  test("A13: a key that was absent is remembered: when it is there at the commit, all of it runs again", async () => {
    const [id, account] = [unique(), await openAccount(0)];
    const seen: (number | undefined)[] = [];
    await transact(async (tx) => {
      const found = await tx.find(Account, id);
      if (seen.push(found?.balance) === 1) await changeElsewhere(database, id, 7);
      (await tx.get(Account, account.id)).balance = found?.balance ?? -1;
    });
    expect(seen).toEqual([undefined, 7]);
    expect(await balanceOf(account)).toBe(7);
  });

  test("A13: what is only read is of one moment: changed between two reads, all of it runs again", async () => {
    const [a, b] = [await openAccount(1), await openAccount(1)];
    let runs = 0;
    const sum = await transact(async (tx) => {
      const first = await tx.get(Account, a.id);
      if (++runs === 1) {
        await changeElsewhere(database, a.id, 0);
        await changeElsewhere(database, b.id, 2);
      }
      return first.balance + (await tx.get(Account, b.id)).balance;
    });
    expect([sum, runs]).toEqual([2, 2]);
  });

  test("A13: what models do inside joins, in functions it calls too: get, getBatch, save, delete, batchWrite, commit", async () => {
    const [a, b, c] = [await openAccount(1), await openAccount(1), await openAccount(1)];
    const [d, e, requesterId] = [unique(), unique(), unique()];
    const work = async (fails: boolean): Promise<void> => {
      const found = await Account.get(a.id);
      expect(await Account.get(a.id)).toBe(found);
      expect((await Account.getBatch([b.id, a.id, d]))[1]).toBe(found);
      await new Account({ id: d, balance: 5 }).save({ raiseOnConflict: true });
      expect((await Account.get(d)).balance).toBe(5);
      await Account.batchWrite({ put: [new Account({ id: e })], delete: [b.id] });
      await new Deposit({ requesterId, to: a.id, amount: 3 }).commit();
      await new Transfer({ requesterId, from: a.id, to: c.id, amount: 2 }).commit({ backend: sequential() });
      expect(found.balance).toBe(2); // they worked on the same instance
      if (fails) throw failure;
    };
    expect(await failureOf(transact(() => work(true)))).toBe(failure);
    const balances = async () => (await Account.getBatch([a.id, b.id, c.id, d, e])).map((each) => each?.balance);
    expect(await balances()).toEqual([1, 1, 1, undefined, undefined]);
    await transact(() => work(false));
    expect(await balances()).toEqual([2, undefined, 3, 5, 0]);
    const rows = [...(await Deposit.query(requesterId).toArray()), ...(await Transfer.query(requesterId).toArray())];
    expect(rows.map(({ status }) => status)).toEqual(["done", "done"]);
  });

  test("A13: a call that comes when the transaction has ended is refused, and writes nothing", async () => {
    const account = await openAccount(1);
    let late: Promise<unknown> = Promise.resolve();
    let kept: TransactionContext | undefined;
    await transact(async (tx) => {
      kept = tx;
      const found = await tx.get(Account, account.id);
      late = (async () => {
        await new Promise((resolve) => void setTimeout(resolve, 200));
        found.balance = 100;
        await found.save();
      })();
    });
    expect(await failureOf(late)).toMatchObject({ code: "VALIDATION", message: /the transaction has ended/ });
    await expect(kept?.get(Account, account.id)).rejects.toThrow(/the transaction has ended/);
    expect(() => kept?.put(account)).toThrow(/the transaction has ended/);
    expect(await balanceOf(account)).toBe(1);
  });

  test("A13: what cannot be held back is refused: sequential(), update, bulk", async () => {
    const account = await openAccount(1);
    const refused = async (work: (tx: TransactionContext) => unknown, message: RegExp, options = {}): Promise<void> => {
      const error = await failureOf(transact(work, options));
      expect(error).toBeInstanceOf(ValidationError);
      expect(error).toMatchObject({ message });
    };
    await refused(() => Account.update(account.id, { balance: 2 }), /read the item and change it/);
    await refused(() => Account.batchWrite({ put: [account] }, { bulk: true }), /bulk/);
    await refused(() => 1, /sequential\(\) cannot hold writes back/, { backend: sequential() });
    await refused(() => 1, /maxRetries/, { maxRetries: 0 });
    expect(await balanceOf(account)).toBe(1);
  });

  test("T8: maxRetries counts attempts; a conflict that the work throws counts as one", async () => {
    let runs = 0;
    const work = (): never => {
      runs++;
      throw new ConflictError("read something in two halves");
    };
    const error = await failureOf(transact(work, { maxRetries: 3, connection: database.connection }));
    expect(error).toMatchObject({ code: "MAX_RETRIES_EXCEEDED", attempts: 3 });
    expect(runs).toBe(3);
  });

  test("A13: save with a condition: it must hold at the commit, and when it alone fails nothing is repeated", async () => {
    const [account, other] = [await openAccount(5), await openAccount(0)];
    let runs = 0;
    const work = (balance: number) => async (): Promise<void> => {
      runs++;
      (await Account.get(other.id)).balance += 1;
      const found = await Account.get(account.id);
      found.balance -= 1;
      await found.save({ condition: { balance: eq(balance) } });
    };
    expect(await failureOf(transact(work(6)))).toMatchObject({ code: "CONDITION_FAILED", key: { id: account.id } });
    expect([runs, await balanceOf(account), await balanceOf(other)]).toEqual([1, 5, 0]);
    await transact(work(5));
    expect([await balanceOf(account), await balanceOf(other)]).toEqual([4, 1]);
  });

  test("D27: a signal stops it before the commit is sent: nothing is written", async () => {
    const [a, b] = [await openAccount(0), await openAccount(0)];
    const controller = new AbortController();
    const work = async (tx: TransactionContext): Promise<void> => {
      (await tx.get(Account, a.id)).balance = 1;
      (await tx.get(Account, b.id)).balance = 1;
      controller.abort(failure);
    };
    expect(await failureOf(transact(work, { signal: controller.signal }))).toBe(failure);
    expect([await balanceOf(a), await balanceOf(b)]).toEqual([0, 0]);
    expect(await failureOf(transact(() => 1, { signal: controller.signal }))).toBe(failure);
  });

  test("D27: a signal stops it between two attempts", async () => {
    const [a, b] = [await openAccount(0), await openAccount(0)];
    const controller = new AbortController();
    let runs = 0;
    const work = async (tx: TransactionContext): Promise<void> => {
      if (++runs === 3) controller.abort(failure);
      (await tx.get(Account, a.id)).balance = 1;
      (await tx.get(Account, b.id)).balance = runs;
      await changeElsewhere(database, a.id, 10 + runs);
    };
    expect(await failureOf(transact(work, { signal: controller.signal }))).toBe(failure);
    expect([runs, await balanceOf(b)]).toEqual([3, 0]);
  });

  class Ticket extends DynamoDBModel.define({
    table: "ticketsOfTransactions",
    hashKey: "number",
    autoIncrement: true,
    schema: z.object({ number: z.number().int(), title: z.string() }),
  }) {}
  beforeAll(() => database.connection.createTable(Ticket, { waitForActive: true }));

  test("D17: numbers are given inside; those of a transaction that fails are skipped, and its instances have none", async () => {
    const [saved, put] = [new Ticket({ title: "saved" }), new Ticket({ title: "put" })];
    const work = async (tx: TransactionContext, fails: boolean): Promise<void> => {
      await saved.save();
      tx.put(put);
      expect(saved.number).toBeGreaterThan(0);
      if (fails) throw failure;
    };
    expect(await failureOf(transact((tx) => work(tx, true)))).toBe(failure);
    expect([saved.number, put.number]).toEqual([undefined, undefined]);
    await transact((tx) => work(tx, false));
    expect((await Ticket.getBatch([saved.number, put.number])).map((each) => each?.title)).toEqual(["saved", "put"]);
    expect(await Ticket.find(1)).toBeUndefined();
    saved.title = "later";
    await saved.save({ raiseOnConflict: true });
  });

  test("A13: a transaction that touches nothing sends nothing and needs no connection", async () => {
    expect(await transact(() => 5)).toBe(5);
    expect(await transact(async () => "x", { backend: atomic({ path: "native" }) })).toBe("x");
  });
});

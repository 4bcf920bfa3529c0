import { ConflictError, DynamoDBModel, MaxRetriesExceededError, atomic, sequential, transactor } from "dynatx";
import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { rawTable } from "../../support/raw-table.js";
import { changeElsewhere } from "../bank-ground.js";
import { Account, InsufficientFunds, Operation, Transfer, balanceOf, failureOf, openAccount, unique } from "../bank.js";
import { describeAtomic } from "./ground.js";

describeAtomic("atomic(): all or nothing", (database) => {
  class Note extends DynamoDBModel.define({ table: "notes", hashKey: "id", schema: z.object({ id: z.string() }) }) {}
  beforeAll(() => database.connection.createTable(Note, { waitForActive: true }));

  type Step = readonly [Account, (account: Account) => unknown];
  /** Does something at each of some accounts, all or nothing. */
  class Steps extends Operation {
    static override backend = atomic();
    steps: readonly Step[] = [];
    override transactors() {
      return this.steps.map(([{ id }, step]) => transactor(Account.at(id), (account) => step(account)));
    }
  }
  const steps = (...list: readonly Step[]): Steps => Object.assign(new Steps({ requester: unique() }), { steps: list });
  const add =
    (amount: number) =>
    (account: Account): void =>
      void (account.balance += amount);
  const failure = new Error("not this one");
  const fail = (): never => {
    throw failure;
  };

  test("A1: a failure at the second target: the first is as it was, no row, status pending", async () => {
    const [from, to] = [await openAccount(10), await openAccount(0)];
    const transfer = new Transfer({ requesterId: unique(), from: from.id, to: unique(), amount: 5 });
    await expect(transfer.commit({ backend: atomic() })).rejects.toMatchObject({ code: "TARGET_NOT_FOUND" });
    expect([await balanceOf(from), transfer.status, transfer.datetime]).toEqual([10, "pending", undefined]);
    expect(await Transfer.query(transfer.requesterId, { consistent: true }).toArray()).toEqual([]);
    const operation = steps([to, add(1)], [from, fail]);
    expect(await failureOf(operation.commit())).toBe(failure);
    expect([await balanceOf(to), operation.status, await operation.rows()]).toEqual([0, "pending", []]);
  });

  test("A1: a failure in a part undoes the own targets, the parts before it, and all their rows", async () => {
    const [first, second] = [await openAccount(), await openAccount()];
    const parts = [steps([second, add(1)]), steps([second, add(1)], [first, fail]), steps([first, add(1)])];
    const whole = Object.assign(steps([first, add(1)]), { subtransactions: parts });
    expect(await failureOf(whole.commit())).toBe(failure);
    expect([await balanceOf(first), await balanceOf(second)]).toEqual([0, 0]);
    for (const each of [whole, ...parts])
      expect([each.status, each.datetime, await each.rows()]).toEqual(["pending", undefined, []]);
  });

  test("A1: after the commit all of it is there: targets, parts nested in parts, and a row of each", async () => {
    const account = await openAccount();
    const inner = steps([account, add(100)]);
    const part = Object.assign(steps([account, add(10)]), { subtransactions: [inner] });
    const whole = Object.assign(steps([account, add(1)]), { subtransactions: [part] });
    await whole.commit();
    expect(await balanceOf(account)).toBe(111);
    for (const each of [whole, part, inner]) {
      expect(each.status).toBe("done");
      expect((await each.rows()).map(({ datetime, status }) => [datetime, status])).toEqual([[each.datetime, "done"]]);
    }
  });

  test("A1: a part whose own backend is sequential joins all the same", async () => {
    const account = await openAccount();
    class Alone extends Steps {
      static override backend = sequential() as never; // the class it extends is atomic
    }
    const part = Object.assign(new Alone({ requester: unique() }), { steps: [[account, add(1)]] });
    class Whole extends Steps {
      override async applySubtransactions(): Promise<void> {
        await part.commit();
        throw failure;
      }
    }
    expect(await failureOf(new Whole({ requester: unique() }).commit())).toBe(failure);
    expect([await balanceOf(account), part.status, await part.rows()]).toEqual([0, "pending", []]);
  });

  test("A1: the error of a part that the whole catches ends only that part", async () => {
    const account = await openAccount();
    const part = steps([account, fail]);
    class Forgiving extends Steps {
      override async applySubtransactions(): Promise<void> {
        await part.commit().catch(() => {});
      }
    }
    const whole = Object.assign(new Forgiving({ requester: unique() }), { steps: [[account, add(1)]] });
    await whole.commit();
    expect([whole.status, part.status, await balanceOf(account)]).toEqual(["done", "pending", 1]);
    expect([await whole.rows(), await part.rows()].map(({ length }) => length)).toEqual([1, 0]);
  });

  test("A1: a commit inside a setter joins: it is undone with the whole", async () => {
    const [outer, inner] = [await openAccount(), await openAccount()];
    const operation = steps([outer, () => steps([inner, add(1)]).commit()], [outer, fail]);
    expect(await failureOf(operation.commit())).toBe(failure);
    expect(await balanceOf(inner)).toBe(0);
    await steps([outer, () => steps([inner, add(1)]).commit()]).commit();
    expect(await balanceOf(inner)).toBe(1);
  });

  test("A1, T17: a row written ahead is brought up to date by the commit, and goes when nothing is committed", async () => {
    const account = await openAccount();
    const during: unknown[] = [];
    class Announced extends Steps {
      static override writeAhead = true;
    }
    const announced = Object.assign(new Announced({ requester: unique() }), { steps: [[account, add(1)]] });
    const look = async (): Promise<void> => {
      const raw = await rawTable(database.connection, "operations").get({
        requester: { S: announced.requester },
        datetime: { S: announced.datetime },
      });
      during.push(raw?.["status"]?.S);
    };
    announced.steps = [[account, look], ...announced.steps];
    await announced.commit();
    expect(during).toEqual(["pending"]);
    const row = [announced.datetime, "done"];
    expect((await announced.rows()).map(({ datetime, status }) => [datetime, status])).toEqual([row]);
    const failing = Object.assign(new Announced({ requester: unique() }), { steps: [[account, fail]] });
    expect(await failureOf(failing.commit())).toBe(failure);
    expect([failing.status, await failing.rows()]).toEqual(["pending", []]);
  });

  test("A3: a target that is only read takes part: changed by another in between, all of it runs again", async () => {
    const [limit, account] = [await openAccount(5), await openAccount(0)];
    const seen: number[] = [];
    const operation = steps(
      [limit, ({ balance }) => seen.push(balance)],
      [
        account,
        async (found) => {
          found.balance = seen.at(-1) ?? NaN;
          if (seen.length === 1) await changeElsewhere(database, limit.id, 7);
        },
      ],
    );
    await operation.commit();
    expect(seen).toEqual([5, 7]);
    expect([await balanceOf(limit), await balanceOf(account)]).toEqual([7, 7]);
    expect(await operation.rows()).toHaveLength(1);
  });

  test("A3: two that each read what the other writes: never both on the old state (write skew)", async () => {
    const [a, b] = [await openAccount(1), await openAccount(1)];
    // Each may take its own account to 0 only while the other holds 1.
    const leave = (own: Account, other: Account): Steps => {
      let sum = 0;
      return steps(
        [other, ({ balance }) => void (sum = balance)],
        [own, (account) => (sum === 0 ? fail() : account.withdraw(1))],
      );
    };
    const ends = await Promise.allSettled([leave(a, b).commit(), leave(b, a).commit()]);
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect((await balanceOf(a)) + (await balanceOf(b))).toBe(1);
  });

  test("A3: a target that is not changed is not written", async () => {
    const account = await openAccount(5);
    const other = await openAccount(5);
    await steps([account, () => {}], [other, add(1)]).commit();
    const fresh = await Account.get(account.id);
    await account.save({ raiseOnConflict: true }); // nobody has written since
    await expect(fresh.save({ raiseOnConflict: true })).rejects.toBeInstanceOf(ConflictError);
  });

  test("A4: two getters of one item bring the same instance, and what both setters did is written", async () => {
    const account = await openAccount(1);
    const found: Account[] = [];
    const keep = (each: Account): void => {
      found.push(each);
      each.balance *= 3;
    };
    await steps([account, keep], [account, keep]).commit();
    expect(found[0]).toBe(found[1]);
    expect(await balanceOf(account)).toBe(9);
    await found[0]?.save({ raiseOnConflict: true }); // it knows what is stored
  });

  test("A5: two that create the same key at once: one creates it, the other runs again and sees it", async () => {
    const id = unique();
    class Opening extends Operation {
      override transactors() {
        const getter = async (): Promise<Account> => (await Account.find(id)) ?? new Account({ id });
        return [transactor(getter, add(1))];
      }
    }
    const openings = Array.from({ length: 4 }, () => new Opening({ requester: unique() }));
    await Promise.all(openings.map((each) => each.commit({ backend: atomic() })));
    expect((await Account.get(id)).balance).toBe(4);
  });

  test("T5: money that is not there ends the commit; the instance of a failed attempt does not look saved", async () => {
    const [from, to] = [await openAccount(1), await openAccount(0)];
    const transfer = new Transfer({ requesterId: unique(), from: from.id, to: to.id, amount: 2 });
    expect(await failureOf(transfer.commit({ backend: atomic() }))).toBeInstanceOf(InsufficientFunds);
    const made: Account[] = [];
    class Opening extends Operation {
      override transactors() {
        const getter = (): Account => made[made.push(new Account({ id: unique() })) - 1] as Account;
        return [transactor(getter, () => {}), transactor(Account.at(from.id), fail)];
      }
    }
    expect(await failureOf(new Opening({ requester: unique() }).commit({ backend: atomic() }))).toBe(failure);
    const [account] = made;
    expect(await Account.find(account?.id ?? "")).toBeUndefined();
    await account?.save({ raiseOnConflict: true }); // still a new one
    expect(await balanceOf(account as Account)).toBe(0);
  });

  test("T8: setup of the whole and of its parts runs once, whatever is attempted, and outside the transaction", async () => {
    const account = await openAccount();
    const calls: string[] = [];
    class Counted extends Steps {
      static override maxRetries = 3;
      name = "";
      override async setup(): Promise<void> {
        calls.push(`setup ${this.name}`);
        await new Note({ id: `${this.requester} ${this.name}` }).save();
      }
      override transactors() {
        calls.push(`transactors ${this.name}`);
        return super.transactors();
      }
    }
    const contended = async (found: Account): Promise<void> => {
      found.balance += 1;
      await changeElsewhere(database, account.id, found.balance + 10);
    };
    const part = Object.assign(new Counted({ requester: unique() }), { name: "part", steps: [[account, contended]] });
    const whole = Object.assign(new Counted({ requester: unique() }), { name: "whole", subtransactions: [part] });
    const error = await failureOf(whole.commit());
    expect(error).toBeInstanceOf(MaxRetriesExceededError);
    expect(error).toMatchObject({ attempts: 3, cause: { code: "CONFLICT" } });
    const attempt = ["transactors whole", "transactors part"];
    expect(calls).toEqual([
      "setup whole",
      "transactors whole",
      "setup part",
      "transactors part",
      ...attempt,
      ...attempt,
    ]);
    expect(await Note.find(`${part.requester} part`)).toBeDefined(); // not undone: it was no part of the transaction
    expect([whole.status, part.status]).toEqual(["pending", "pending"]);
  });
});

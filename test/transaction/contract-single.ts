import { ItemNotFoundError, TargetNotFoundError, transactor } from "dynatx";
import type { TransactionInstance } from "dynatx";
import { expect, test } from "vitest";
import { Account, Deposit, Operation, balanceOf, failureOf, openAccount, unique } from "./bank.js";
import type { Ground } from "./ground.js";

/** One target, or one that fails before anything is saved. */
export function singleContract({ database, backend }: Ground): void {
  const commit = (transaction: Pick<TransactionInstance, "commit">): Promise<unknown> =>
    transaction.commit({ backend: backend() });

  test("T1: getTarget and alterTarget: the target is saved, the status is done, one row tells of it", async () => {
    const account = await openAccount(3);
    const requesterId = unique();
    const deposit = new Deposit({ requesterId, to: account.id, amount: 4 });
    expect(deposit.status).toBe("pending");
    expect(await commit(deposit)).toBe(deposit);
    expect(await balanceOf(account)).toBe(7);
    expect(deposit.status).toBe("done");
    const rows = await Deposit.query(requesterId, { consistent: true }).toArray();
    expect(rows.map((row) => row.toJSON())).toEqual([
      { requesterId, to: account.id, amount: 4, datetime: deposit.datetime, status: "done" },
    ]);
    expect(deposit.datetime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  });

  test("T1: alterTarget without getTarget finds no target, rather than doing nothing in silence", async () => {
    class Forgetful extends Operation {
      override alterTarget(): void {}
    }
    const operation = new Forgetful({ requester: unique() });
    await expect(commit(operation)).rejects.toBeInstanceOf(TargetNotFoundError);
    expect(operation.status).toBe("pending");
  });

  test("T2: transient by its class: the target is saved, no row, status done", async () => {
    class Passing extends Deposit {
      static override transient = true;
    }
    const account = await openAccount();
    const deposit = new Passing({ requesterId: unique(), to: account.id, amount: 4 });
    await commit(deposit);
    expect(await balanceOf(account)).toBe(4);
    expect(deposit.status).toBe("done");
    expect(deposit.datetime).toBeUndefined();
    expect(await Passing.query(deposit.requesterId).toArray()).toEqual([]);
    await deposit.save(); // a row that is not to be saved is not saved by hand either
    expect(await Passing.query(deposit.requesterId).toArray()).toEqual([]);
  });

  test("T2: transient by its instance, in both directions: the instance has the last word", async () => {
    class Passing extends Deposit {
      static override transient = true;
    }
    const account = await openAccount();
    const silent = new Deposit({ requesterId: unique(), to: account.id, amount: 1 });
    silent.transient = true;
    const told = new Passing({ requesterId: unique(), to: account.id, amount: 1 });
    told.transient = false;
    await commit(silent);
    await commit(told);
    expect(await balanceOf(account)).toBe(2);
    expect([silent.status, told.status]).toEqual(["done", "done"]);
    expect(await Deposit.query(silent.requesterId).toArray()).toEqual([]);
    expect(await Deposit.query(told.requesterId).toArray()).toHaveLength(1);
  });

  test("T3: setup throws: nothing is read, written or saved, the status is pending, the same error comes out", async () => {
    const failure = new Error("no such bingo card");
    const calls: string[] = [];
    class Card extends Operation {
      override setup(): Promise<void> {
        return Promise.reject(failure);
      }
      override transactors() {
        calls.push("transactors");
        return [];
      }
      override async applySubtransactions(): Promise<void> {
        calls.push("applySubtransactions");
      }
    }
    const card = new Card({ requester: unique() });
    expect(await failureOf(commit(card))).toBe(failure);
    expect(calls).toEqual([]);
    expect(card.status).toBe("pending");
    expect(await card.rows()).toEqual([]);
  });

  test.each<[string, () => Promise<Account | undefined>]>([
    ["returns undefined", () => Account.find(unique())],
    ["throws ItemNotFoundError", () => Account.get(unique())],
    ["throws TargetNotFoundError itself", () => Promise.reject(new TargetNotFoundError("no such account"))],
  ])("T4: a getter that %s: TargetNotFoundError, no row, status pending", async (_, getter) => {
    let set = 0;
    class Lost extends Operation {
      override transactors() {
        return [transactor(getter, () => set++)];
      }
    }
    const lost = new Lost({ requester: unique() });
    const error = await failureOf(commit(lost));
    expect(error).toBeInstanceOf(TargetNotFoundError);
    expect(error).toBeInstanceOf(ItemNotFoundError);
    expect(set).toBe(0);
    expect(lost.status).toBe("pending");
    expect(await lost.rows()).toEqual([]);
  });

  test("T4: what the getter threw keeps its table and key, and is the cause", async () => {
    const id = unique();
    const error = await failureOf(commit(new Deposit({ requesterId: unique(), to: id, amount: 1 })));
    expect(error).toMatchObject({
      code: "TARGET_NOT_FOUND",
      retryable: false,
      table: database.connection.tableName("accounts"),
      key: { id },
      cause: { code: "ITEM_NOT_FOUND" },
    });
  });

  test("T5: the setter of the first target throws: no write, no row, status pending", async () => {
    const failure = new Error("not today");
    const account = await openAccount(1);
    class Refused extends Operation {
      override transactors() {
        return [
          transactor(Account.at(account.id), (found) => {
            found.balance = 100;
            throw failure;
          }),
        ];
      }
    }
    const refused = new Refused({ requester: unique() });
    expect(await failureOf(commit(refused))).toBe(failure);
    expect(await balanceOf(account)).toBe(1);
    expect(refused.status).toBe("pending");
    expect(await refused.rows()).toEqual([]);
  });

  test("T5: a target that the setter made invalid is not written either", async () => {
    const account = await openAccount(1);
    class Halving extends Operation {
      override transactors() {
        return [transactor(Account.at(account.id), (found) => void (found.balance /= 2))];
      }
    }
    const halving = new Halving({ requester: unique() });
    expect(await failureOf(commit(halving))).toMatchObject({ code: "VALIDATION", key: { id: account.id } });
    expect(await balanceOf(account)).toBe(1);
    expect(halving.status).toBe("pending");
  });

  test("T16: committed again: a new operation with a new datetime and row, not an overwrite", async () => {
    const account = await openAccount();
    const deposit = new Deposit({ requesterId: unique(), to: account.id, amount: 5 });
    await commit(deposit);
    const first = deposit.datetime;
    await commit(deposit);
    expect(deposit.datetime > first).toBe(true);
    expect(await balanceOf(account)).toBe(10);
    const rows = await Deposit.query(deposit.requesterId, { consistent: true }).toArray();
    expect(rows.map(({ datetime, status }) => [datetime, status])).toEqual([
      [first, "done"],
      [deposit.datetime, "done"],
    ]);
  });

  test("T16: one that was read from its row is a new operation too; one that fails has no datetime of its own", async () => {
    const account = await openAccount(5);
    const deposit = new Deposit({ requesterId: unique(), to: account.id, amount: -5 });
    await commit(deposit);
    const read = await Deposit.get(deposit.requesterId, deposit.datetime);
    read.amount = 3;
    await commit(read);
    expect(await balanceOf(account)).toBe(3);
    expect(await Deposit.query(deposit.requesterId, { consistent: true }).toArray()).toHaveLength(2);
    await account.delete();
    await expect(commit(deposit)).rejects.toBeInstanceOf(TargetNotFoundError);
    expect(deposit.status).toBe("pending");
    expect(deposit.datetime).toBeUndefined();
  });

  test("T16: of one instance, only one commit at a time", async () => {
    const account = await openAccount();
    const deposit = new Deposit({ requesterId: unique(), to: account.id, amount: 5 });
    const first = commit(deposit);
    await expect(commit(deposit)).rejects.toMatchObject({ code: "VALIDATION" });
    await first;
    expect(await balanceOf(account)).toBe(5);
    expect(deposit.status).toBe("done");
  });
}

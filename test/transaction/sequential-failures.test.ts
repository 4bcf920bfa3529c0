import {
  AmbiguousWriteError,
  Connection,
  MaxRetriesExceededError,
  RequestError,
  TargetNotFoundError,
  transactor,
} from "dynatx";
import { describe, expect, test } from "vitest";
import { useDatabase } from "../support/databases.js";
import { faultyClient } from "../support/faults.js";
import {
  Account,
  Deposit,
  InsufficientFunds,
  Operation,
  Transfer,
  balanceOf,
  failureOf,
  openAccount,
  unique,
} from "./bank.js";
import { changeElsewhere, useBank } from "./bank-ground.js";

/** Each target commits on its own: what a failure part-way leaves behind, and how that is told. */
describe("sequential(): failures part-way", () => {
  const database = useDatabase();
  useBank(database);

  async function rowsOf(transfer: Transfer): Promise<(string | undefined)[][]> {
    const rows = await Transfer.query(transfer.requesterId, { consistent: true }).toArray();
    return rows.map(({ datetime, status }) => [datetime, status]);
  }

  test("T6: the setter of the second target throws: the first stays changed, row running, the error comes out", async () => {
    const [from, to] = [await openAccount(10), await openAccount(0)];
    const failure = new Error("the receiver is closed");
    class Failing extends Transfer {
      override transactors() {
        const [first] = super.transactors();
        if (first === undefined) throw new Error("a transfer takes from an account first");
        return [
          first,
          transactor(Account.at(this.to), (account) => {
            account.balance = 1_000_000;
            throw failure;
          }),
        ];
      }
    }
    const transfer = new Failing({ requesterId: unique(), from: from.id, to: to.id, amount: 4 });
    expect(await failureOf(transfer.commit())).toBe(failure);
    expect([await balanceOf(from), await balanceOf(to)]).toEqual([6, 0]);
    expect(transfer.status).toBe("running");
    expect(await rowsOf(transfer)).toEqual([[transfer.datetime, "running"]]);
  });

  test("T6: a second target that is not there, likewise; a third one is not tried", async () => {
    const [from, third] = [await openAccount(10), await openAccount(0)];
    class Three extends Transfer {
      override transactors() {
        return [...super.transactors(), transactor(Account.at(third.id), (account) => void account.balance++)];
      }
    }
    const transfer = new Three({ requesterId: unique(), from: from.id, to: unique(), amount: 4 });
    await expect(transfer.commit()).rejects.toBeInstanceOf(TargetNotFoundError);
    expect([await balanceOf(from), await balanceOf(third)]).toEqual([6, 0]);
    expect(await rowsOf(transfer)).toEqual([[transfer.datetime, "running"]]);
  });

  test("T6: without the status running among statusesToSave, no row tells of it", async () => {
    class Discreet extends Transfer {
      static override statusesToSave = new Set(["done"]);
    }
    const from = await openAccount(10);
    const transfer = new Discreet({ requesterId: unique(), from: from.id, to: unique(), amount: 4 });
    await expect(transfer.commit()).rejects.toBeInstanceOf(TargetNotFoundError);
    expect(transfer.status).toBe("running");
    expect(await rowsOf(transfer)).toEqual([]);
  });

  test("T6: the first target refuses: nothing was changed, nothing is told", async () => {
    const [from, to] = [await openAccount(3), await openAccount(0)];
    const transfer = new Transfer({ requesterId: unique(), from: from.id, to: to.id, amount: 4 });
    await expect(transfer.commit()).rejects.toBeInstanceOf(InsufficientFunds);
    expect([await balanceOf(from), await balanceOf(to)]).toEqual([3, 0]);
    expect(transfer.status).toBe("pending");
    expect(await rowsOf(transfer)).toEqual([]);
  });

  test("T7, T8: each target has its own retries; the second one giving up leaves the row running", async () => {
    const [from, to] = [await openAccount(10), await openAccount(0)];
    const calls: string[] = [];
    class Contended extends Transfer {
      static override maxRetries = 3;
      override transactors() {
        return [
          transactor(Account.at(this.from), async (account) => {
            account.withdraw(this.amount);
            if (calls.push("from") < 3) await changeElsewhere(database, from.id, 10 + calls.length);
          }),
          transactor(Account.at(this.to), async (account) => {
            account.balance += this.amount;
            await changeElsewhere(database, to.id, -calls.push("to"));
          }),
        ];
      }
    }
    const transfer = new Contended({ requesterId: unique(), from: from.id, to: to.id, amount: 4 });
    const error = await failureOf(transfer.commit());
    expect(error).toBeInstanceOf(MaxRetriesExceededError);
    expect(error).toMatchObject({ attempts: 3, cause: { key: { id: to.id } } });
    expect(calls).toEqual(["from", "from", "from", "to", "to", "to"]);
    expect([await balanceOf(from), await balanceOf(to)]).toEqual([8, -6]);
    expect(await rowsOf(transfer)).toEqual([[transfer.datetime, "running"]]);
  });

  /** The same tables through a client that loses replies to updates of accounts, when told to. */
  function losing(plan: (operation: string, table: unknown) => "lose reply" | "lose request" | undefined): Connection {
    const { client } = faultyClient(database.endpoint, (operation, body) => plan(operation, body["TableName"]));
    return new Connection({ client });
  }

  test("T5: a first target in doubt counts as saved: row with status running, AmbiguousWriteError comes out", async () => {
    const account = await openAccount(1);
    let doubtful = false;
    const plan = (operation: string): "lose reply" | "lose request" | undefined => {
      if (operation !== "UpdateItem") return doubtful ? "lose request" : undefined; // nobody can look
      doubtful = true;
      return "lose reply";
    };
    const OnLosing = Account.on(losing(plan));
    class Doubtful extends Deposit {
      override getTarget(): Promise<Account> {
        return OnLosing.get(this.to);
      }
    }
    const deposit = new Doubtful({ requesterId: unique(), to: account.id, amount: 5 });
    const error = await failureOf(deposit.commit());
    if (!(error instanceof AmbiguousWriteError)) throw error;
    expect(error.key).toEqual({ id: account.id });
    expect(deposit.status).toBe("running");
    const rows = await Deposit.query(deposit.requesterId, { consistent: true }).toArray();
    expect(rows.map(({ datetime, status }) => [datetime, status])).toEqual([[deposit.datetime, "running"]]);
    expect(await balanceOf(account)).toBe(6); // written once, not again
  });

  test("T9: a first target that was provably not written does not count as saved", async () => {
    const account = await openAccount(1);
    const { client } = faultyClient(database.endpoint, (operation) =>
      operation === "UpdateItem" ? "throttle" : undefined,
    );
    const OnThrottled = Account.on(new Connection({ client, maxSends: 1 }));
    class Throttled extends Deposit {
      override getTarget(): Promise<Account> {
        return OnThrottled.get(this.to);
      }
    }
    const deposit = new Throttled({ requesterId: unique(), to: account.id, amount: 5 });
    expect(await failureOf(deposit.commit())).toBeInstanceOf(RequestError);
    expect(deposit.status).toBe("pending");
    expect(await balanceOf(account)).toBe(1);
    expect(await Deposit.query(deposit.requesterId, { consistent: true }).toArray()).toEqual([]);
  });

  test("T6: a row that cannot be saved does not hide why the operation failed; the event rowLost tells both", async () => {
    const from = await openAccount(10);
    const { client } = faultyClient(database.endpoint, (operation) =>
      operation === "PutItem" ? "throttle" : undefined,
    );
    const connection = new Connection({ client, maxSends: 1 });
    const lost: unknown[] = [];
    connection.on("rowLost", (event) => lost.push(event));
    const OnThrottled = Transfer.on(connection);
    const transfer = new OnThrottled({ requesterId: unique(), from: from.id, to: unique(), amount: 4 });
    const failure = await failureOf(transfer.commit());
    expect(failure).toBeInstanceOf(TargetNotFoundError);
    expect(lost).toMatchObject([
      { table: "transfers", transaction: "Transfer", failure, error: expect.any(RequestError) },
    ]);
    expect(await balanceOf(from)).toBe(6);
    expect(transfer.status).toBe("running");
  });

  test("T6: a row that cannot be saved after success: its error comes out, the status says that all was done", async () => {
    const account = await openAccount(10);
    const { client } = faultyClient(database.endpoint, (operation) =>
      operation === "PutItem" ? "throttle" : undefined,
    );
    const OnThrottled = Deposit.on(new Connection({ client, maxSends: 1 }));
    const deposit = new OnThrottled({ requesterId: unique(), to: account.id, amount: 4 });
    expect(await failureOf(deposit.commit())).toMatchObject({ code: "REQUEST_FAILED", operation: "PutItem" });
    expect(deposit.status).toBe("done");
    expect(await balanceOf(account)).toBe(14);
  });

  test("T9: the order of targets is kept: each is saved before the next is read", async () => {
    const account = await openAccount(1);
    const seen: number[] = [];
    class Steps extends Operation {
      override transactors() {
        return [2, 3, 4].map((factor) =>
          transactor(Account.at(account.id), (found) => {
            seen.push(found.balance);
            found.balance *= factor;
          }),
        );
      }
    }
    await new Steps({ requester: unique() }).commit();
    expect(seen).toEqual([1, 2, 6]);
    expect(await balanceOf(account)).toBe(24);
  });
});

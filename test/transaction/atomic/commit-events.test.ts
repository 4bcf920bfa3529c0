import { DynamoDBModel, atomic, transact, transactor } from "dynatx";
import type { Connection, ConnectionEvents } from "dynatx";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { useDatabase } from "../../support/databases.js";
import { changeElsewhere, useBank } from "../bank-ground.js";
import { Account, Operation, failureOf, openAccount, unique } from "../bank.js";

describe("events of atomic commits", () => {
  const database = useDatabase();
  useBank(database);
  beforeAll(() => database.connection.ensureCoordinator());

  const names = ["begin", "attempt", "retry", "commit", "failed"] as const;
  type Heard = { readonly name: string } & Partial<ConnectionEvents["failed"] & ConnectionEvents["attempt"]>;
  function listen(connection: Connection): Heard[] {
    const heard: Heard[] = [];
    for (const name of names) connection.on(name, (event) => heard.push({ name, ...event }));
    return heard;
  }
  const told = (heard: readonly Heard[]) => heard.map(({ name, transaction }) => `${name} ${transaction}`);

  /** Adds 1 to an account; another program changes it under its hands at the first `conflicts` attempts. */
  function classesOn(connection: Connection) {
    class Part extends Operation.on(connection) {
      account = "";
      conflicts = 0;
      failure: Error | undefined;
      override transactors() {
        return [
          transactor(Account.at(this.account), async (account) => {
            account.balance += 1;
            if (this.failure) throw this.failure;
            if (this.conflicts-- > 0) await changeElsewhere(database, account.id, account.balance + 10);
          }),
        ];
      }
    }
    class Whole extends Part {
      static override backend = atomic();
    }
    return { Part, Whole };
  }

  test("T7: begin once, every target at every attempt, one retry for all, and the ends when all of it is committed", async () => {
    const connection = database.connect();
    const { Part, Whole } = classesOn(connection);
    const [a, b] = [await openAccount(), await openAccount()];
    const part = Object.assign(new Part({ requester: unique() }), { account: b.id, conflicts: 1 });
    const whole = Object.assign(new Whole({ requester: unique() }), { account: a.id, subtransactions: [part] });
    const heard = listen(connection);
    await whole.commit();
    expect(told(heard)).toEqual([
      "begin Whole",
      "attempt Whole",
      "begin Part",
      "attempt Part",
      "retry Whole",
      "attempt Whole",
      "attempt Part",
      "commit Part",
      "commit Whole",
    ]);
    const ends = heard.filter(({ name }) => name === "commit");
    expect(ends).toMatchObject([
      { backend: "atomic", attempts: 2, retries: 0, id: { datetime: part.datetime } },
      { backend: "atomic", attempts: 2, retries: 1, id: { datetime: whole.datetime } },
    ]);
    expect(ends[0]?.id?.parent).toBe(ends[1]?.id);
    expect(heard.filter(({ name }) => name === "attempt").map(({ attempt }) => attempt)).toEqual([1, 1, 2, 2]);
  });

  test("A1: when the whole fails, so do its parts, with status pending, whoever of them was through already", async () => {
    const connection = database.connect();
    const { Part, Whole } = classesOn(connection);
    const account = (await openAccount()).id;
    const failure = new Error("not this one");
    const parts = [
      Object.assign(new Part({ requester: unique() }), { account }),
      Object.assign(new Part({ requester: unique() }), { account, failure }),
    ];
    const whole = Object.assign(new Whole({ requester: unique() }), { account, subtransactions: parts });
    const heard = listen(connection);
    expect(await failureOf(whole.commit())).toBe(failure);
    const failed = heard.filter(({ name }) => name === "failed");
    expect(failed.map(({ status, error }) => [status, error])).toEqual(
      Array.from({ length: 3 }, () => ["pending", failure]),
    );
    expect(heard.filter(({ name }) => name === "commit")).toEqual([]);
  });

  test("A13: transact tells of itself on its connection, else on that of the first item it touches", async () => {
    const connection = database.connect();
    const Accounts = Account.on(connection);
    const account = await openAccount();
    const heard = listen(connection);
    let runs = 0;
    const work = async (): Promise<void> => {
      const found = await Accounts.get(account.id);
      found.balance += 1;
      if (++runs % 2 === 1) await changeElsewhere(database, account.id, found.balance + 10);
    };
    await transact(work, { connection });
    const expected = ["begin", "attempt", "retry", "attempt", "commit"].map((name) => `${name} transact`);
    expect(told(heard.splice(0))).toEqual(expected);
    await transact(work);
    expect(told(heard)).toEqual(expected);
    expect(heard.at(-1)).toMatchObject({ backend: "atomic", attempts: 2, retries: 1, id: { table: "" } });
  });

  test("A13: a model without a connection of its own is on the default one; a scope of begin holds the work", async () => {
    class Note extends DynamoDBModel.define({ table: "notes", hashKey: "id", schema: z.object({ id: z.string() }) }) {}
    const connection = database.connect();
    await connection.createTable(Note, { waitForActive: true });
    const order: string[] = [];
    connection.on("begin", ({ runWithin }) =>
      runWithin(async (run) => {
        order.push("in");
        await run();
        order.push("out");
      }),
    );
    const value = await transact(
      (tx) => {
        order.push("work");
        tx.put(new (Note.on(connection))({ id: unique() }));
        return 5;
      },
      { connection },
    );
    await Promise.resolve();
    expect([value, ...order]).toEqual([5, "in", "work", "out"]);
  });
});

import { ConflictError, OverwriteError, TargetNotFoundError, transactor } from "dynatx";
import type { ConnectionEvents } from "dynatx";
import { describe, expect, test } from "vitest";
import { useDatabase } from "../support/databases.js";
import { Account, Deposit, Operation, openAccount, unique } from "./bank.js";
import { changeElsewhere, useBank } from "./bank-ground.js";

describe("events of a connection", () => {
  const database = useDatabase();
  useBank(database);

  /** A connection of the test's own, and everything it reports, in order. */
  function listened() {
    const connection = database.connect();
    const heard: [keyof ConnectionEvents, unknown][] = [];
    for (const name of ["retry", "conflict", "commit", "rowLost"] as const)
      connection.on(name, (event) => heard.push([name, event]));
    return { connection, heard };
  }

  test("T7: a conflict and the retry after it are told, then the commit with the number of retries over all targets", async () => {
    const { connection, heard } = listened();
    const Accounts = Account.on(connection);
    const [first, second] = [await openAccount(), await openAccount()];
    let conflicts = 2;
    class Rename extends Operation.on(connection) {
      override transactors() {
        return [first, second].map(({ id }) =>
          transactor(Accounts.at(id), async (account) => {
            account.balance += 1;
            if (conflicts-- > 0) await changeElsewhere(database, id, 50 + conflicts);
          }),
        );
      }
    }
    await new Rename({ requester: unique() }).commit();
    const conflict = ["conflict", { table: "accounts", key: { id: first.id } }];
    const transaction = "Rename";
    const id = expect.objectContaining({ table: "operations" });
    const retry = (attempt: number) => [
      "retry",
      { transaction, id, table: "operations", attempt, error: expect.any(ConflictError) },
    ];
    expect(heard).toEqual([
      conflict,
      retry(1),
      conflict,
      retry(2),
      ["commit", { transaction, id, backend: "sequential", attempts: 4, retries: 2, durationMs: expect.any(Number) }],
    ]);
  });

  test("T1: the duration of a commit comes from the connection's clock", async () => {
    let now = 1_700_000_000_000;
    const connection = database.connect({ clock: { now: () => now, sleep: () => Promise.resolve() } });
    const told: unknown[] = [];
    connection.on("commit", (event) => told.push(event));
    class Slow extends Operation.on(connection) {
      override setup(): void {
        now += 1234;
      }
    }
    await new Slow({ requester: unique() }).commit();
    expect(told).toMatchObject([{ transaction: "Slow", backend: "sequential", retries: 0, durationMs: 1234 }]);
  });

  test("T4: a commit that fails is not told as one; a parent and its parts are told each", async () => {
    const { connection, heard } = listened();
    const failing = new (Deposit.on(connection))({ requesterId: unique(), to: unique(), amount: 1 });
    await expect(failing.commit()).rejects.toBeInstanceOf(TargetNotFoundError);
    expect(heard).toEqual([]);

    class Part extends Operation.on(connection) {}
    class Whole extends Operation.on(connection) {}
    const whole = new Whole({ requester: unique() });
    whole.subtransactions.push(new Part({ requester: unique() }));
    await whole.commit();
    expect(heard).toMatchObject([
      ["commit", { transaction: "Part" }],
      ["commit", { transaction: "Whole" }],
    ]);
  });

  test("T12: a taken datetime is a conflict and a retry of the row", async () => {
    const clock = () => ({ now: () => 1_700_000_000_000, sleep: () => Promise.resolve() });
    const requester = unique();
    await new (Operation.on(database.connect({ clock: clock() })))({ requester }).commit();
    const late = database.connect({ clock: clock() }); // another process in the same microsecond
    const errors: unknown[] = [];
    late.on("retry", ({ error, attempt, table }) => errors.push([table, attempt, error]));
    await new (Operation.on(late))({ requester }).commit();
    expect(errors).toEqual([["operations", 1, expect.any(OverwriteError)]]);
  });

  test("T7: a listener hears nothing any more after it was taken off", async () => {
    const connection = database.connect();
    let heard = 0;
    const off = connection.on("commit", () => heard++);
    const operation = new (Operation.on(connection))({ requester: unique() });
    await operation.commit();
    off();
    await operation.commit();
    expect(heard).toBe(1);
  });
});

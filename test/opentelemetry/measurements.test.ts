import { metrics } from "@opentelemetry/api";
import { AmbiguousWriteError, Connection, add, transactor } from "dynatx";
import type { ConnectionOptions } from "dynatx";
import { instrument } from "dynatx/opentelemetry";
import { describe, expect, test } from "vitest";
import { useDatabase } from "../support/databases.js";
import { faultyClient } from "../support/faults.js";
import type { Fault } from "../support/faults.js";
import { partialBatches } from "../support/partial-batches.js";
import { longestWaits, patientClock } from "../support/patient-clock.js";
import { Account, Deposit, Operation, failureOf, openAccount, unique } from "../transaction/bank.js";
import { changeElsewhere, useBank } from "../transaction/bank-ground.js";
import { telemetry } from "./telemetry.js";

describe("OpenTelemetry: measurements", () => {
  const database = useDatabase();
  useBank(database);

  function instrumented(options: Partial<ConnectionOptions> = {}) {
    const connection = database.connect(options);
    const sdk = telemetry();
    return { connection, ...sdk, stop: instrument(connection, sdk) };
  }

  const backoffs = { conflictBackoff: { baseMs: 5, capMs: 500 }, sendBackoff: { baseMs: 50, capMs: 2000 } };

  /** Every wait is as long as it may be, and over at once. */
  const patient = (): Partial<ConnectionOptions> => ({
    clock: patientClock().clock,
    random: longestWaits(),
    ...backoffs,
  });

  /** A connection to accounts whose writes meet these faults, one after the other. */
  function faulty(faults: Fault[], options: Partial<ConnectionOptions> = {}) {
    const { client } = faultyClient(database.endpoint, (operation) =>
      operation === "UpdateItem" ? faults.shift() : undefined,
    );
    return instrumented({ ...patient(), client, ...options });
  }

  const accounts = { "db.collection.name": "accounts" };
  const operations = { "db.collection.name": "operations", "dynatx.backend": "sequential" };

  test("T7: commits by transaction with their durations in seconds, conflicts by table, retries and waits", async () => {
    let now = 1_700_000_000_000;
    const clock = { now: () => now, sleep: () => Promise.resolve() };
    const { connection, measured } = instrumented({ clock, random: longestWaits(), ...backoffs });
    const { id } = await openAccount();
    let conflicts = 3;
    class Rename extends Operation.on(connection) {
      override setup(): void {
        now += 1500;
      }
      override transactors() {
        return [
          transactor(Account.on(connection).at(id), async (account) => {
            account.balance += 1;
            if (conflicts-- > 0) await changeElsewhere(database, id, 50 + conflicts);
          }),
        ];
      }
    }
    await new Rename({ requester: unique() }).commit();
    await new Rename({ requester: unique() }).commit();
    const transaction = { ...operations, "dynatx.transaction.name": "Rename" };
    expect(await measured()).toEqual({
      "dynatx.commit.duration": [{ attributes: transaction, value: { count: 2, sum: 3 } }],
      "dynatx.retries": [{ attributes: transaction, value: 3 }],
      "dynatx.conflicts": [{ attributes: accounts, value: 3 }],
      "dynatx.batch.size": [{ attributes: accounts, value: { count: 2, sum: 2 } }],
      // The first retry is at once; then 5 and 10 ms.
      "dynatx.wait.duration": [
        {
          attributes: { "db.collection.name": "operations", "dynatx.wait.reason": "conflict" },
          value: { count: 2, sum: 0.015 },
        },
      ],
    });
  });

  test("T4: a commit that fails is measured apart, by the kind of its error", async () => {
    let now = 1_700_000_000_000;
    const { connection, measured } = instrumented({
      clock: { now: () => (now += 250), sleep: () => Promise.resolve() },
    });
    await failureOf(new (Deposit.on(connection))({ requesterId: unique(), to: unique(), amount: 1 }).commit());
    const { "dynatx.commit.duration": durations } = await measured();
    expect(durations).toMatchObject([
      {
        attributes: { "dynatx.transaction.name": "Deposit", "error.type": "TARGET_NOT_FOUND" },
        value: { count: 1, sum: 0.25 },
      },
    ]);
  });

  test("X1: a lost answer is counted as an inquiry by what came of it: applied, or lost for good", async () => {
    const { id } = await openAccount();
    const { connection, measured } = faulty(["lose reply", undefined, "lose reply", "lose request"]);
    const Accounts = Account.on(connection);
    const told: unknown[] = [];
    connection.on("inquiry", (event) => told.push(event));

    const account = await Accounts.get(id);
    account.balance = 7;
    await account.save({ raiseOnConflict: true }); // carried out, and found
    await changeElsewhere(database, id, 8);
    await account.reload();
    await Accounts.update(id, { balance: add(1) }); // answered
    await Accounts.update(id, { balance: add(1) }); // carried out, and found
    expect(await failureOf(Accounts.update(id, { balance: add(1) }))).toBeInstanceOf(AmbiguousWriteError);

    expect((await Account.get(id)).balance).toBe(10);
    const event = {
      table: "accounts",
      key: { id },
      error: expect.objectContaining({ code: "ECONNRESET" }),
      durationMs: expect.any(Number),
    };
    expect(told).toEqual([
      { ...event, outcome: "applied" },
      { ...event, outcome: "applied" },
      { ...event, outcome: "ambiguous" },
    ]);
    expect((await measured())["dynatx.inquiries"]).toEqual([
      { attributes: { ...accounts, "dynatx.outcome": "applied" }, value: 2 },
      { attributes: { ...accounts, "dynatx.outcome": "ambiguous" }, value: 1 },
    ]);
  });

  test("X2: a write that is found not to have been carried out, and never to be, is an inquiry that was refused", async () => {
    const { id } = await openAccount();
    let changed = false;
    const { client } = faultyClient(database.endpoint, async (operation) => {
      if (operation !== "UpdateItem" || changed) return undefined;
      changed = true;
      const other = await Account.get(id);
      other.balance = 99;
      await other.save();
      return "lose request";
    });
    const { connection, measured } = instrumented({ client });
    const account = await Account.on(connection).get(id);
    account.balance = 1;
    expect(await failureOf(account.save({ raiseOnConflict: true }))).toMatchObject({ code: "CONFLICT" });
    const found = await measured();
    expect(found["dynatx.inquiries"]).toEqual([{ attributes: { ...accounts, "dynatx.outcome": "refused" }, value: 1 }]);
    expect(found["dynatx.conflicts"]).toEqual([{ attributes: accounts, value: 1 }]);
  });

  test("X1: waits while a lost write is looked for, and what is sent again, are told with their reasons", async () => {
    const { id } = await openAccount();
    const { connection, measured } = faulty([
      "throttle",
      "throttle",
      "throttle",
      "lose request",
      "lose request",
      "lose request",
    ]);
    const told: unknown[] = [];
    connection.on("resend", ({ operation, table, sends, error }) =>
      told.push([operation, table, sends, error instanceof Error && error.name]),
    );
    connection.on("wait", ({ reason, ms }) => told.push([reason, ms]));
    const account = await Account.on(connection).get(id);
    account.balance = 3;
    await account.save({ raiseOnConflict: true });
    expect((await Account.get(id)).balance).toBe(3);
    const resend = (sends: number) => ["UpdateItem", "accounts", sends, "ThrottlingException"];
    expect(told).toEqual([
      resend(1),
      resend(2),
      ["resend", 50],
      resend(3),
      ["resend", 100],
      ["doubt", 5],
      ["doubt", 10],
    ]);
    const found = await measured();
    expect(found["dynatx.resends"]).toEqual([
      { attributes: { ...accounts, "db.operation.name": "UpdateItem", "error.type": "ThrottlingException" }, value: 3 },
    ]);
    expect(found["dynatx.wait.duration"]).toMatchObject([
      { attributes: { ...accounts, "dynatx.wait.reason": "resend" }, value: { count: 2 } },
      { attributes: { ...accounts, "dynatx.wait.reason": "doubt" }, value: { count: 2 } },
    ]);
  });

  test("D13: waits for what is left over of a batch, and for an item that keeps changing, are told as what they are", async () => {
    const { client } = partialBatches(database.endpoint, (n, size) => (n === 0 ? 0 : size));
    const { connection } = instrumented({ ...patient(), client });
    const told: unknown[] = [];
    connection.on("wait", (event) => told.push(event));
    const [first, second] = [await openAccount(), await openAccount()];
    await Account.on(connection).getBatch([first.id, second.id]);
    expect(told).toEqual([{ reason: "unprocessed", table: "accounts", ms: 100 }]);

    const stale = await Account.on(connection).get(first.id);
    let writes = 0;
    connection.client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName === "UpdateItemCommand" && writes++ < 2) await (await Account.get(first.id)).save();
          return next(args);
        },
      { step: "initialize", name: "changingElsewhere" },
    );
    await stale.save(); // over whatever is stored
    expect(told.slice(1)).toEqual([{ reason: "conflict", table: "accounts", ms: 5 }]);
  });

  test("T6: an operation whose row is lost is counted", async () => {
    const { client } = faultyClient(database.endpoint, (operation) =>
      operation === "PutItem" ? "throttle" : undefined,
    );
    const { connection, measured } = instrumented({ client, maxSends: 1 });
    const { id } = await openAccount();
    class Half extends Operation.on(connection) {
      override transactors() {
        return [
          transactor(Account.at(id), (account) => void (account.balance += 1)),
          transactor(Account.at(unique()), () => {}),
        ];
      }
    }
    await failureOf(new Half({ requester: unique() }).commit());
    expect((await measured())["dynatx.rows.lost"]).toEqual([
      { attributes: { ...operations, "dynatx.transaction.name": "Half" }, value: 1 },
    ]);
  });

  test("X7: batch sizes and recoveries are measured where a connection tells them", async () => {
    const { connection, measured } = instrumented();
    // The cast: an event of a connection that combines.
    for (const size of [1, 20])
      connection.emit("combined", () => ({ table: "accounts", key: { id: "a" }, size, durationMs: 1 }));
    connection.emit("recovered", () => ({ table: "accounts", key: { id: "a" }, outcome: "undone" }));
    expect(await measured()).toEqual({
      "dynatx.batch.size": [{ attributes: accounts, value: { count: 2, sum: 21 } }],
      "dynatx.recoveries": [{ attributes: { ...accounts, "dynatx.outcome": "undone" }, value: 1 }],
    });
  });

  test("T7: once stopped, nothing is measured any more; by default measurements go to the global provider", async () => {
    const { meterProvider, measured } = telemetry();
    const connection = new Connection({ client: database.client });
    metrics.setGlobalMeterProvider(meterProvider);
    try {
      const stop = instrument(connection);
      await new (Operation.on(connection))({ requester: unique() }).commit();
      stop();
      await new (Operation.on(connection))({ requester: unique() }).commit();
    } finally {
      metrics.disable();
    }
    expect((await measured())["dynatx.commit.duration"]).toMatchObject([{ value: { count: 1 } }]);
  });
});

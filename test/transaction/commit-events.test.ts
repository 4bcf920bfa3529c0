import { AsyncLocalStorage } from "node:async_hooks";
import { ConflictError, TargetNotFoundError, transactor } from "dynatx";
import type { CommitId, Connection, ConnectionEvents } from "dynatx";
import { describe, expect, test, vi } from "vitest";
import { faultyClient } from "../support/faults.js";
import { useDatabase } from "../support/databases.js";
import { Account, Deposit, InsufficientFunds, Operation, Transfer, failureOf, openAccount, unique } from "./bank.js";
import { changeElsewhere, useBank } from "./bank-ground.js";

type Heard = {
  readonly [Name in keyof ConnectionEvents]: readonly [Name, ConnectionEvents[Name]];
}[keyof ConnectionEvents];

const names = [
  "begin",
  "attempt",
  "retry",
  "conflict",
  "commit",
  "failed",
  "rowLost",
  "wait",
  "resend",
  "inquiry",
] as const;

/** Everything a connection tells, in order. */
function listen(connection: Connection): Heard[] {
  const heard: Heard[] = [];
  // The cast: each name comes with its own event.
  for (const name of names) connection.on(name, (event) => heard.push([name, event] as unknown as Heard));
  return heard;
}

const namesOf = (heard: readonly Heard[]): string[] => heard.map(([name]) => name);

function told<Name extends keyof ConnectionEvents>(heard: readonly Heard[], wanted: Name): ConnectionEvents[Name][] {
  // The cast: the pair's event is that of its name.
  return heard.filter(([name]) => name === wanted).map(([, event]) => event as ConnectionEvents[Name]);
}

describe("events of a commit", () => {
  const database = useDatabase();
  useBank(database);

  /** Renames accounts, and lets another program change each of them `conflicts` times in between. */
  function contended(connection: Connection, ids: readonly string[], conflicts = 1) {
    let left = conflicts;
    return class Contended extends Operation.on(connection) {
      override transactors() {
        return ids.map((id) =>
          transactor(Account.on(connection).at(id), async (account) => {
            account.balance += 1;
            if (left-- > 0) await changeElsewhere(database, id, 100 + left);
          }),
        );
      }
    };
  }

  test("T7: begin, every attempt with its target, retries and the end are told in order, under one id that names the row", async () => {
    const connection = database.connect();
    const [first, second] = [await openAccount(), await openAccount()];
    const heard = listen(connection);
    const Contended = contended(connection, [first.id, second.id]);
    const operation = new Contended({ requester: unique() });
    await operation.commit();
    expect(namesOf(heard)).toEqual(["begin", "attempt", "conflict", "retry", "attempt", "attempt", "commit"]);
    expect(told(heard, "attempt")).toMatchObject([
      { transaction: "Contended", table: "accounts", key: { id: first.id }, attempt: 1 },
      { transaction: "Contended", table: "accounts", key: { id: first.id }, attempt: 2 },
      { transaction: "Contended", table: "accounts", key: { id: second.id }, attempt: 1 },
    ]);
    const ids = new Set(heard.flatMap(([, event]) => ("id" in event ? [event.id] : [])));
    expect([...ids]).toEqual([
      {
        text: expect.stringMatching(/^[\w-]{8}$/),
        backend: "sequential",
        table: "operations",
        hashKey: operation.requester,
        datetime: operation.datetime,
        parent: undefined,
      },
    ]);
    expect(await Operation.find(operation.requester, [...ids][0]!.datetime!)).toMatchObject({ status: "done" });
    expect(told(heard, "commit")).toMatchObject([{ attempts: 3, retries: 1 }]);
  });

  test("T1: a getter that only knows its key when it reads is told without one; a transient commit has no datetime", async () => {
    const connection = database.connect();
    const account = await openAccount(); // on the default connection: the getter is any function
    const heard = listen(connection);
    const deposit = new (Deposit.on(connection))({ requesterId: unique(), to: account.id, amount: 1 });
    deposit.transient = true;
    await deposit.commit();
    expect(told(heard, "attempt")).toMatchObject([
      { transaction: "Deposit", table: undefined, key: undefined, attempt: 1 },
    ]);
    expect(told(heard, "commit")[0]?.id).toMatchObject({ hashKey: deposit.requesterId, datetime: undefined });
  });

  test("T4: a failure before the first target is told as failed, with the caller's error and status pending", async () => {
    const connection = database.connect();
    const heard = listen(connection);
    const failure = await failureOf(
      new (Deposit.on(connection))({ requesterId: unique(), to: unique(), amount: 1 }).commit(),
    );
    expect(failure).toBeInstanceOf(TargetNotFoundError);
    expect(namesOf(heard)).toEqual(["begin", "attempt", "failed"]);
    const [failed] = told(heard, "failed");
    expect(failed).toMatchObject({ transaction: "Deposit", status: "pending", attempts: 1, retries: 0 });
    expect(failed?.error).toBe(failure);
  });

  test("T6: a failure part-way is told with status running, under the datetime of the row that was saved", async () => {
    const connection = database.connect();
    const heard = listen(connection);
    const [from, to] = [await openAccount(5), await openAccount()];
    class Overdraw extends Operation.on(connection) {
      override transactors() {
        return [
          transactor(Account.at(to.id), (account) => void (account.balance += 6)),
          transactor(Account.at(from.id), (account) => account.withdraw(6)),
        ];
      }
    }
    const overdraw = new Overdraw({ requester: unique() });
    expect(await failureOf(overdraw.commit())).toBeInstanceOf(InsufficientFunds);
    expect(told(heard, "failed")).toMatchObject([{ status: "running", id: { datetime: overdraw.datetime } }]);
    expect(told(heard, "commit")).toEqual([]);
    expect(await overdraw.rows()).toMatchObject([{ datetime: overdraw.datetime, status: "running" }]);
  });

  test("T6: a row that is lost after all targets were saved: failed with status done", async () => {
    const { client } = faultyClient(database.endpoint, (operation) =>
      operation === "PutItem" ? "throttle" : undefined,
    );
    const connection = database.connect({ client, maxSends: 1 });
    const heard = listen(connection);
    const error = await failureOf(new (Operation.on(connection))({ requester: unique() }).commit());
    expect(told(heard, "failed")).toMatchObject([{ status: "done", error }]);
    expect(told(heard, "commit")).toEqual([]);
  });

  test("T6: rowLost and failed belong to one commit", async () => {
    const { client } = faultyClient(database.endpoint, (operation) =>
      operation === "PutItem" ? "throttle" : undefined,
    );
    const connection = database.connect({ client, maxSends: 1 });
    const heard = listen(connection);
    const from = await openAccount(9);
    await failureOf(
      new (Transfer.on(connection))({ requesterId: unique(), from: from.id, to: unique(), amount: 3 }).commit(),
    );
    expect(namesOf(heard).slice(-2)).toEqual(["rowLost", "failed"]);
    expect(told(heard, "rowLost")[0]?.id).toBe(told(heard, "failed")[0]?.id);
  });

  test("T11: the id of a sub-transaction names the commit it is a part of, the same object as in that one's own events", async () => {
    const connection = database.connect();
    const heard = listen(connection);
    class Part extends Operation.on(connection) {}
    class Whole extends Operation.on(connection) {}
    const whole = new Whole({ requester: unique() });
    whole.subtransactions.push(new Part({ requester: unique() }));
    await whole.commit();
    expect(heard.map(([name, event]) => [name, "transaction" in event && event.transaction])).toEqual([
      ["begin", "Whole"],
      ["begin", "Part"],
      ["commit", "Part"],
      ["commit", "Whole"],
    ]);
    const [part, outer] = told(heard, "commit");
    expect(part?.id.parent).toBe(outer?.id);
    expect(outer?.id.parent).toBeUndefined();
  });

  test("T3: a hash key that setup sets is in the id from then on", async () => {
    const connection = database.connect();
    const heard = listen(connection);
    const [requester, given] = [unique(), unique()];
    const atBegin: unknown[] = [];
    connection.on("begin", ({ id }) => atBegin.push(id.hashKey));
    class Named extends Operation.on(connection) {
      override setup(): void {
        this.requester = given;
      }
    }
    await new Named({ requester }).commit();
    expect(atBegin).toEqual([requester]);
    expect(told(heard, "commit")[0]?.id.hashKey).toBe(given);
  });

  test("T16: each commit of an instance has an id of its own, and the first one's is not changed by the second", async () => {
    const connection = database.connect();
    const ids: CommitId[] = [];
    connection.on("commit", ({ id }) => ids.push(id));
    const operation = new (Operation.on(connection))({ requester: unique() });
    await operation.commit();
    const first = { ...ids[0]! };
    await operation.commit();
    expect(ids[0]).toEqual(first);
    expect(ids[1]?.text).not.toBe(first.text);
    expect(ids[1]?.datetime).not.toBe(first.datetime);
  });

  test("T3: begin is told before commit() returns; everything of the commit runs within the scopes asked for there, the first one's outermost", async () => {
    const connection = database.connect();
    const account = await openAccount();
    const [outer, inner] = [new AsyncLocalStorage<string>(), new AsyncLocalStorage<string>()];
    connection.on("begin", ({ runWithin }) => runWithin((run) => outer.run("outer", run)));
    connection.on("begin", ({ runWithin }) => runWithin((run) => inner.run(`inside ${outer.getStore()}`, run)));
    let began = 0;
    connection.on("begin", () => began++);
    const stores: unknown[] = [];
    class Seen extends Operation.on(connection) {
      override async setup(): Promise<void> {
        await Promise.resolve();
        stores.push(outer.getStore(), inner.getStore());
      }
      override transactors() {
        return [transactor(Account.at(account.id), () => stores.push(inner.getStore()))];
      }
    }
    const committed = new Seen({ requester: unique() }).commit();
    expect(began).toBe(1);
    await committed;
    expect(stores).toEqual(["outer", "inside outer", "inside outer"]);
    expect(outer.getStore()).toBeUndefined();
  });

  test("T3: a scope that throws, never runs, runs twice or returns something else does not disturb the commit", async () => {
    const connection = database.connect();
    const surfaced = vi.spyOn(globalThis, "queueMicrotask").mockImplementation(() => {});
    let runs = 0;
    class Counted extends Operation.on(connection) {
      override setup(): void {
        runs++;
      }
    }
    const scopes: ((run: () => Promise<void>) => unknown)[] = [
      () => {
        throw new Error("a scope's own");
      },
      () => undefined,
      async (run) => {
        await run();
        await run();
        throw new Error("nobody waits for it");
      },
    ];
    try {
      for (const scope of scopes) {
        const off = connection.on("begin", ({ runWithin }) => runWithin(scope));
        await new Counted({ requester: unique() }).commit();
        off();
      }
    } finally {
      surfaced.mockRestore();
    }
    expect(runs).toBe(scopes.length);
  });

  test("T8: when nobody listens nothing is made, whatever happens; one who listens has only that made", async () => {
    const connection = database.connect();
    const asked: string[] = [];
    const made: string[] = [];
    const emit = connection.emit.bind(connection);
    connection.emit = (name, event) => {
      asked.push(name);
      return emit(name, () => {
        made.push(name);
        return event();
      });
    };
    const writeId = vi.spyOn(connection.random, "writeId");
    const ids = async (): Promise<number> => {
      const account = await openAccount();
      writeId.mockClear();
      await new (contended(connection, [account.id], 2))({ requester: unique() }).commit();
      await failureOf(new (Deposit.on(connection))({ requesterId: unique(), to: unique(), amount: 1 }).commit());
      return writeId.mock.calls.length;
    };
    const unheard = await ids();
    expect(made).toEqual([]);
    expect(new Set(asked)).toEqual(new Set(["conflict", "retry", "combined"])); // the others are not even offered
    connection.on("retry", ({ error }) => expect(error).toBeInstanceOf(ConflictError));
    expect(await ids()).toBe(unheard + 1); // the id of the one commit that retried
    expect(made).toEqual(["retry", "retry"]);
  });
});

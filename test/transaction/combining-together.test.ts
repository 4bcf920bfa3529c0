import { spawn } from "node:child_process";
import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { AmbiguousWriteError, SetterTimeoutError, ValidationError, transactor } from "dynatx";
import { describe, expect, onTestFinished, test } from "vitest";
import { describeOnBoth, useDatabase } from "../support/databases.js";
import { patientClock } from "../support/patient-clock.js";
import { Account, InsufficientFunds, Operation, Transfer, balanceOf, failureOf, openAccount, unique } from "./bank.js";
import { useBank } from "./bank-ground.js";
import { addOne, gate, lineAt } from "./line.js";

const program = fileURLToPath(new URL("fixtures/many-increments.ts", import.meta.url));

describeOnBoth("combining: several processes", (database) => {
  useBank(database);

  test("X7: two processes that combine on the same item: nothing is lost", async () => {
    const account = await openAccount();
    const { endpoint, connection } = database;
    const values = [endpoint, connection.tablePrefix, account.id, "200"];
    const child = spawn(process.execPath, ["--no-warnings", "--import", "tsx", program, ...values], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const exited = once(child, "exit");
    await once(child.stdout, "data");
    const { commit } = lineAt(database, account.id);
    for (let wave = 0; wave < 4; wave++) await Promise.all(Array.from({ length: 50 }, () => commit(addOne)));
    expect(await exited).toEqual([0, null]);
    expect(await balanceOf(account)).toBe(400);
  }, 60_000);
});

describe("combining: those that are combined", () => {
  const database = useDatabase();
  useBank(database);

  test("T15: each transaction has its own status and row, also the one that is refused", async () => {
    const [from, to] = [await openAccount(3), await openAccount()];
    const requesterId = unique();
    const transfers = Array.from(
      { length: 5 },
      () => new Transfer({ requesterId, from: from.id, to: to.id, amount: 1 }),
    );
    await Promise.allSettled(transfers.map((each) => each.commit()));
    expect(transfers.map(({ status }) => status)).toEqual(["done", "done", "done", "pending", "pending"]);
    expect(await Transfer.query(requesterId, { consistent: true }).toArray()).toHaveLength(3);
    expect([await balanceOf(from), await balanceOf(to)]).toEqual([0, 3]);
  });

  test("X7: combine: false, by commit or by class, reads and writes for itself; a transaction tells its parts", async () => {
    const account = await openAccount();
    const { commit, make, sent, combined } = lineAt(database, account.id);
    await Promise.all([commit(addOne, { combine: false }), commit(addOne, { combine: false })]);
    const whole = new Operation({ requester: unique() });
    whole.subtransactions.push(make(addOne));
    await whole.commit({ combine: false });
    const last = make(addOne);
    Object.assign(last.constructor, { combine: false });
    await last.commit();
    expect(combined).toEqual([]);
    expect(sent).toHaveLength(8);
    await last.commit({ combine: true });
    expect(combined).toHaveLength(1);
    expect(await balanceOf(account)).toBe(5);
  });

  test("X7: subclasses and other connections do not share a batch", async () => {
    class Strict extends Account {}
    const account = await openAccount();
    const [one, other, strict] = [
      lineAt(database, account.id),
      lineAt(database, account.id),
      lineAt(database, account.id, { model: Strict }),
    ];
    const Strictly = Strict.on(one.connection);
    class Mixed extends Operation.on(one.connection) {
      static override transient = true;
      override transactors() {
        return [transactor(Strictly.at(account.id), (found) => void addOne(found))];
      }
    }
    const lines = [one, other, strict].map(({ commit }) => commit(addOne));
    await Promise.all([...lines, new Mixed({ requester: unique() }).commit()]);
    expect([one.sizes(), other.sizes(), strict.sizes()]).toEqual([[1, 1], [1], [1]]);
    expect(await balanceOf(account)).toBe(4);
  });

  test("X7: a commit begun inside a setter of the same item is not combined, so nobody waits for ever", async () => {
    const account = await openAccount();
    const { commit, sent } = lineAt(database, account.id);
    let nested = 0;
    await commit(async (found) => {
      found.balance += 10;
      if (nested++ === 0) await commit(addOne);
    });
    expect(nested).toBe(2); // the nested one has changed the item: the outer starts over
    expect(await balanceOf(account)).toBe(11);
    expect(sent.filter((operation) => operation === "UpdateItem")).toHaveLength(3);
  });

  test("X7: a setter that takes too long fails alone, and what it does later has no effect", async () => {
    const account = await openAccount();
    const { commit } = lineAt(database, account.id);
    const held = gate();
    const over = gate();
    let late: unknown;
    const slow = commit(
      async (found) => {
        await held.opened;
        found.balance = 999;
        late = await failureOf(found.save());
        over.open();
      },
      { combine: { setterTimeoutMs: 20 } },
    );
    const quick = commit(addOne);
    const error = await failureOf(slow);
    expect(error).toBeInstanceOf(SetterTimeoutError);
    expect(error).toMatchObject({ code: "SETTER_TIMEOUT", timeoutMs: 20, key: { id: account.id } });
    await quick;
    held.open();
    await over.opened;
    expect(late).toMatchObject({ code: "CONFLICT" });
    expect(await balanceOf(account)).toBe(1);
    for (const setterTimeoutMs of [0, -1, Number.NaN, Infinity])
      await expect(commit(addOne, { combine: { setterTimeoutMs } })).rejects.toBeInstanceOf(ValidationError);
  });

  test("X7: one after the other, each takes one request: what the one has written, the next need not read", async () => {
    const account = await openAccount();
    const { commit, sent } = lineAt(database, account.id);
    for (let time = 0; time < 10; time++) await commit(addOne);
    expect(sent).toEqual(["GetItem", ...Array.from({ length: 10 }, () => "UpdateItem")]);
    expect(await balanceOf(account)).toBe(10);
  });

  test("X7: only a setter that waits for something is watched by a timer", async () => {
    const account = await openAccount();
    const { clock, waits } = patientClock();
    const { commit } = lineAt(database, account.id, { clock });
    await commit(addOne);
    await commit(async (found) => {
      await Promise.resolve();
      addOne(found);
    });
    expect(waits).toEqual([]);
    await commit(async (found) => {
      await new Promise((resolve) => void setTimeout(resolve, 5));
      addOne(found);
    });
    expect(new Set(waits)).toEqual(new Set([5000]));
    expect(await balanceOf(account)).toBe(3);
  });

  test("D27: an aborted one leaves, while it waits or in its setter; the others are written", async () => {
    const account = await openAccount();
    const { commit, sizes } = lineAt(database, account.id);
    const reason = new Error("gone");
    const [waiting, inside] = [new AbortController(), new AbortController()];
    const leaving = commit(addOne, { signal: waiting.signal });
    const stuck = commit(
      () => {
        inside.abort(reason);
        return new Promise(() => {}); // never ends: nobody waits for it
      },
      { signal: inside.signal },
    );
    const others = [commit(addOne), commit(addOne)];
    waiting.abort(reason);
    expect([await failureOf(leaving), await failureOf(stuck)]).toEqual([reason, reason]);
    await Promise.all(others);
    expect(sizes()).toEqual([2]);
    expect(await balanceOf(account)).toBe(2);
  });

  test("X1: a write in doubt: those written get an AmbiguousWriteError each, the refused one is decided on a fresh read", async () => {
    const account = await openAccount(1);
    let sent = 0;
    let looks = 0;
    const { commit, make } = lineAt(database, account.id, {
      plan: (operation) => {
        if (operation === "UpdateItem") return sent++ === 0 ? "lose reply" : undefined;
        return sent === 1 && looks++ < 4 ? "lose request" : undefined; // nobody can look for the write
      },
    });
    const seen: number[] = [];
    const withdrawing = commit((found) => {
      seen.push(found.balance);
      found.withdraw(100);
    });
    const written = [make(addOne), make(addOne)];
    const errors = await Promise.all(written.map((each) => failureOf(each.commit())));
    for (const error of errors) expect(error).toBeInstanceOf(AmbiguousWriteError);
    expect(errors[0]).not.toBe(errors[1]);
    expect(written.map(({ status }) => status)).toEqual(["running", "running"]);
    expect(await failureOf(withdrawing)).toBeInstanceOf(InsufficientFunds);
    expect(seen).toEqual([1, 3]);
    expect(await balanceOf(account)).toBe(3);
  });

  test("X7: a setter that saves its target itself publishes nothing of the others, and gets a turn of its own", async () => {
    const account = await openAccount();
    const { commit, sizes } = lineAt(database, account.id);
    let saves = 0;
    const saving = commit(async (found) => {
      found.balance += 100;
      if (saves++ > 0) await Promise.all(others); // alone now: as if it were not combined
      await found.save({ raiseOnConflict: true });
    });
    const others = [commit(addOne), commit(addOne)];
    await Promise.all([saving, ...others]);
    expect(sizes()).toEqual([2]);
    expect(await balanceOf(account)).toBe(102);
  });

  test("X7: a setter runs in the context of its own commit", async () => {
    const account = await openAccount();
    const { commit } = lineAt(database, account.id);
    const request = new AsyncLocalStorage<number>();
    const seen: (number | undefined)[] = [];
    const numbers = [1, 2, 3];
    await Promise.all(numbers.map((n) => request.run(n, () => commit(() => seen.push(request.getStore())))));
    expect(seen).toEqual(numbers);
  });

  test("D29: hooks run once for each copy that is written", async () => {
    const log: string[] = [];
    class Watched extends Account {
      static override beforeSave(saved: Account): void {
        log.push(`before ${saved.balance}`);
      }
      static override afterLoad(loaded: Account): void {
        log.push(`after ${loaded.balance}`);
      }
    }
    const account = await openAccount();
    const { commit } = lineAt(database, account.id, { model: Watched });
    const fail = (): Promise<never> => Promise.reject(new Error("no"));
    await Promise.allSettled([commit(addOne), commit(fail), commit(addOne)]);
    expect(log).toEqual(["after 0", "before 1", "after 1", "after 1", "before 2"]);
  });
});

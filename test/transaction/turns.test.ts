import { Connection, transactor } from "dynatx";
import { describe, expect, test } from "vitest";
import { useDatabase } from "../support/databases.js";
import { faultyClient } from "../support/faults.js";
import { Account, Operation, balanceOf, openAccount, unique } from "./bank.js";
import { useBank } from "./bank-ground.js";

/** Commits of one process at one item go one after the other, so that they do not conflict with each other. */
describe("sequential(): turns at an item", () => {
  const database = useDatabase();
  useBank(database);

  /** A connection whose requests and retries are counted. */
  function counted(clock?: ConstructorParameters<typeof Connection>[0]["clock"]) {
    const { client, sent } = faultyClient(database.endpoint, () => undefined);
    const connection = new Connection({ client, clock });
    const errors: unknown[] = [];
    connection.on("retry", ({ error }) => errors.push(error));
    return { connection, sent, errors };
  }

  /** Commits that each do something at one account, without rows. */
  function commitsOn(connection: Connection, { id }: Account, getter: "known" | "function") {
    const Accounts = Account.on(connection);
    class Touch extends Operation.on(connection) {
      static override transient = true;
      static override combine = false;
      step: () => unknown = () => {};
      override transactors() {
        const known = Accounts.at(id);
        return [
          transactor(getter === "known" ? known : () => known(), async (account) => {
            account.balance += 1;
            await this.step();
          }),
        ];
      }
    }
    return (step: () => unknown = () => {}): Promise<unknown> =>
      Object.assign(new Touch({ requester: unique() }), { step }).commit();
  }

  test("T15: 50 commits at one item read and write it once each, in their order, without a conflict", async () => {
    const account = await openAccount();
    const { connection, sent, errors } = counted();
    const commit = commitsOn(connection, account, "known");
    const order: number[] = [];
    await Promise.all(Array.from({ length: 50 }, (_, i) => commit(() => order.push(i))));
    expect(await balanceOf(account)).toBe(50);
    expect(errors).toEqual([]);
    expect(sent).toHaveLength(100);
    expect(order).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });

  test("T15: a getter that does not say what it reads waits for its turn from its first conflict on", async () => {
    const account = await openAccount();
    const { connection, errors } = counted();
    const commit = commitsOn(connection, account, "function");
    await Promise.all(Array.from({ length: 30 }, () => commit()));
    expect(await balanceOf(account)).toBe(30);
    expect(errors.length).toBeLessThanOrEqual(29 * 2); // far from the 30 * 29 / 2 of a free-for-all
  });

  test("T15: other items do not wait", async () => {
    const [account, other] = [await openAccount(), await openAccount()];
    const { connection } = counted();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const first = commitsOn(connection, account, "known")(() => held);
    await commitsOn(connection, other, "known")();
    expect(await balanceOf(other)).toBe(1);
    release();
    await first;
  });

  test("T15: a turn is a courtesy: one that takes too long is passed, and conflicts instead of losing anything", async () => {
    const account = await openAccount();
    const limits: number[] = [];
    let pass = (): void => {};
    let limited = (): void => {};
    const waited = new Promise<void>((resolve) => {
      limited = resolve;
    });
    const { connection, errors } = counted({
      now: () => Date.now(),
      // Only waits for turns take whole seconds here: the limit comes when the test says so.
      sleep: (ms) =>
        new Promise((resolve) => {
          if (ms < 1000) return resolve();
          limits.push(ms);
          pass = resolve;
          limited();
        }),
    });
    const commit = commitsOn(connection, account, "known");
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let entered = (): void => {};
    const inside = new Promise<void>((resolve) => {
      entered = resolve;
    });
    const slow = commit(() => {
      entered();
      return held;
    });
    await inside;
    const quick = [commit(), commit(), commit()];
    await waited;
    expect(limits).toEqual([2000]); // one limit at a time, for the one at the head of the queue
    pass();
    await Promise.all(quick);
    expect(await balanceOf(account)).toBe(3);
    expect(errors).toEqual([]);
    release();
    await slow;
    expect(errors).toHaveLength(1);
    expect(await balanceOf(account)).toBe(4);
  });

  test("T9: one that fails in its turn lets the next one go on", async () => {
    const account = await openAccount();
    const commit = commitsOn(counted().connection, account, "known");
    const failure = new Error("not this one");
    const failing = commit(() => Promise.reject(failure));
    const next = commit();
    await expect(failing).rejects.toBe(failure);
    await next;
    expect(await balanceOf(account)).toBe(1);
  });
});

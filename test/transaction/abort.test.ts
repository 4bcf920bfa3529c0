import { Connection, systemClock, transactor } from "dynatx";
import { describe, expect, test } from "vitest";
import { useDatabase } from "../support/databases.js";
import { faultyClient } from "../support/faults.js";
import { Account, Operation, balanceOf, failureOf, openAccount, unique } from "./bank.js";
import { changeElsewhere, useBank } from "./bank-ground.js";

/** A signal stops a commit before its next attempt; status and row say how far it came. */
describe("sequential(): aborted commits", () => {
  const database = useDatabase();
  useBank(database);

  const reason = new Error("the user went away");
  type Step = (account: Account) => unknown;
  /** Adds 1 to each of some accounts and does something at each. */
  class Steps extends Operation {
    steps: [Account, Step][] = [];
    override transactors() {
      return this.steps.map(([{ id }, step]) =>
        transactor(Account.at(id), async (account) => {
          account.balance += 1;
          await step(account);
        }),
      );
    }
  }
  const steps = (...list: [Account, Step][]): Steps =>
    Object.assign(new Steps({ requester: unique() }), { steps: list });
  const nothing: Step = () => {};
  const statuses = async (operation: Operation) => (await operation.rows()).map(({ status }) => status);

  test("D27: aborted before it begins: nothing runs, pending, no row", async () => {
    let setUp = 0;
    class Counting extends Operation {
      override setup(): void {
        setUp++;
      }
    }
    const operation = new Counting({ requester: unique() });
    expect(await failureOf(operation.commit({ signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect([setUp, operation.status]).toEqual([0, "pending"]);
    expect(await operation.rows()).toEqual([]);
  });

  test("D27: aborted while the first target is set: it is not written, pending, no row", async () => {
    const account = await openAccount();
    const controller = new AbortController();
    const operation = steps([account, () => controller.abort(reason)]);
    expect(await failureOf(operation.commit({ signal: controller.signal }))).toBe(reason);
    expect(await balanceOf(account)).toBe(0);
    expect([operation.status, await statuses(operation)]).toEqual(["pending", []]);
  });

  test("D27: aborted between two targets: what was written is told by status and row", async () => {
    const [first, second] = [await openAccount(), await openAccount()];
    const controller = new AbortController();
    const operation = steps([first, nothing], [second, () => controller.abort(reason)]);
    expect(await failureOf(operation.commit({ signal: controller.signal }))).toBe(reason);
    expect([await balanceOf(first), await balanceOf(second)]).toEqual([1, 0]);
    expect([operation.status, await statuses(operation)]).toEqual(["running", ["running"]]);
  });

  test("D27: aborted while the first target is written: that is waited for, the second is not even read", async () => {
    const [first, second] = [await openAccount(), await openAccount()];
    const controller = new AbortController();
    const { client } = faultyClient(database.endpoint, (operation) => {
      if (operation === "UpdateItem") controller.abort(reason);
      return undefined;
    });
    const Accounts = Account.on(new Connection({ client }));
    const read: string[] = [];
    class Two extends Operation {
      override transactors() {
        return [first, second].map(({ id }) => {
          const getter = (): Promise<Account> => {
            read.push(id);
            return Accounts.get(id);
          };
          return transactor(getter, (account) => void (account.balance += 1));
        });
      }
    }
    const operation = new Two({ requester: unique() });
    expect(await failureOf(operation.commit({ signal: controller.signal }))).toBe(reason);
    expect(read).toEqual([first.id]);
    expect([await balanceOf(first), await balanceOf(second)]).toEqual([1, 0]);
    expect([operation.status, await statuses(operation)]).toEqual(["running", ["running"]]);
  });

  test("D27: aborted between two attempts: no further one, and the wait ends at once", async () => {
    const account = await openAccount();
    const controller = new AbortController();
    let attempts = 0;
    const conflicting = async (): Promise<void> => {
      attempts++;
      await changeElsewhere(database, account.id, 100 * attempts);
    };
    // The second failure is followed by a wait: it would last for hours.
    const hours = { baseMs: 1e7, capMs: 1e7 };
    const clock = {
      now: () => systemClock.now(),
      sleep: (ms: number, signal?: AbortSignal) => {
        const slept = systemClock.sleep(ms, signal);
        if (ms > 1e6) controller.abort(reason);
        return slept;
      },
    };
    const random = { fraction: () => 0.9, writeId: () => unique().slice(0, 8) };
    const connection = database.connect({ conflictBackoff: hours, clock, random });
    const operation = new (Steps.on(connection))({ requester: unique() });
    Object.assign(operation, { steps: [[account, conflicting]] });
    expect(await failureOf(operation.commit({ signal: controller.signal }))).toBe(reason);
    expect(attempts).toBe(2);
    expect(await balanceOf(account)).toBe(200);
    expect([operation.status, await statuses(operation)]).toEqual(["pending", []]);
  });

  test("D27: aborted after the last write was sent: that is waited for, and all of it has happened: done", async () => {
    const account = await openAccount();
    const controller = new AbortController();
    const { client } = faultyClient(database.endpoint, (operation) => {
      if (operation === "UpdateItem") controller.abort(reason); // on its way: the library has let it go
      return undefined;
    });
    const Accounts = Account.on(new Connection({ client }));
    class Once extends Operation {
      override transactors() {
        return [transactor(Accounts.at(account.id), (found) => void (found.balance += 1))];
      }
    }
    const operation = new Once({ requester: unique() });
    await operation.commit({ signal: controller.signal });
    expect(controller.signal.aborted).toBe(true);
    expect(await balanceOf(account)).toBe(1);
    expect([operation.status, await statuses(operation)]).toEqual(["done", ["done"]]);
  });

  test("D27: aborted before the parts: they do not begin; the signal reaches them too", async () => {
    const [account, other] = [await openAccount(), await openAccount()];
    for (const place of [1, 2]) {
      const controller = new AbortController();
      const abortAt =
        (here: number): Step =>
        () =>
          place === here ? controller.abort(reason) : undefined;
      const part = steps([other, abortAt(2)]);
      const whole = steps([account, nothing], [account, abortAt(1)]);
      whole.subtransactions.push(part);
      expect(await failureOf(whole.commit({ signal: controller.signal }))).toBe(reason);
      expect([whole.status, part.status]).toEqual(["running", "pending"]);
      expect([await statuses(whole), await statuses(part)]).toEqual([["running"], []]);
    }
    expect([await balanceOf(account), await balanceOf(other)]).toEqual([1 + 2, 0]);
  });

  test("D27: of those that wait for the same item, the aborted one leaves, the others go on in their order", async () => {
    const account = await openAccount();
    const controller = new AbortController();
    const order: string[] = [];
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let queued = (): void => {};
    const waiting = new Promise<void>((resolve) => {
      queued = resolve;
    });
    // Nobody loses patience: whoever goes on does so because it is its turn.
    const sleep = (): Promise<void> => {
      queued();
      return new Promise(() => {});
    };
    const OnPatient = Steps.on(database.connect({ clock: { now: () => Date.now(), sleep } }));
    const patient = (step: Step): Steps =>
      Object.assign(new OnPatient({ requester: unique() }), { steps: [[account, step]] });
    const first = patient(() => held).commit({ combine: false });
    const leaving = patient(() => order.push("leaving")).commit({ combine: false, signal: controller.signal });
    const last = patient(() => order.push("last")).commit({ combine: false });
    await waiting;
    controller.abort(reason);
    expect(await failureOf(leaving)).toBe(reason);
    release();
    await Promise.all([first, last]);
    expect(order).toEqual(["last"]);
    expect(await balanceOf(account)).toBe(2);
  });
});

import { transactor } from "dynatx";
import { describe, expect, test } from "vitest";
import { useDatabase } from "../support/databases.js";
import { Account, Operation, balanceOf, failureOf, openAccount, unique } from "./bank.js";
import { useBank } from "./bank-ground.js";

/** Parts commit on their own too: one that fails undoes nothing. */
describe("sequential(): parts that fail", () => {
  useBank(useDatabase());

  const failure = new Error("this part fails");
  /** Adds 1 to an account, or fails: before its target is saved, or after. */
  class Part extends Operation {
    account = "";
    fails: "before" | "after" | undefined;
    override transactors() {
      const own = transactor(Account.at(this.account), (account) => void (account.balance += 1));
      const failing = transactor(Account.at(this.account), () => Promise.reject(failure));
      if (this.fails === "before") return [failing];
      return this.fails === "after" ? [own, failing] : [own];
    }
  }
  const part = (account: Account, fails?: "before" | "after"): Part =>
    Object.assign(new Part({ requester: unique() }), { account: account.id, fails });
  const whole = (parts: Operation[]): Operation =>
    Object.assign(new Operation({ requester: unique() }), { subtransactions: parts });
  const statusesOf = async (...operations: Operation[]) => {
    const rows = await Promise.all(operations.map((operation) => operation.rows()));
    return operations.map(({ status }, i) => [status, ...(rows[i] ?? []).map((row) => row.status)]);
  };

  test("T11: a part fails after the own targets: parent running, with a row; parts before done, parts after never begun", async () => {
    const account = await openAccount();
    const parts = [part(account), part(account, "before"), part(account)];
    const parent = Object.assign(part(account), { subtransactions: parts });
    expect(await failureOf(parent.commit())).toBe(failure);
    expect(await statusesOf(parent, ...parts)).toEqual([
      ["running", "running"],
      ["done", "done"],
      ["pending"],
      ["pending"],
    ]);
    expect(await balanceOf(account)).toBe(2);
  });

  test("T11: without own targets, what a part has changed the whole has changed: running, with a row", async () => {
    const account = await openAccount();
    const afterOthers = whole([part(account), part(account, "before")]);
    const halfway = whole([part(account, "after")]);
    const deep = whole([whole([part(account, "after")])]);
    for (const operation of [afterOthers, halfway, deep]) expect(await failureOf(operation.commit())).toBe(failure);
    const running = ["running", "running"];
    expect(await statusesOf(afterOthers, halfway, deep)).toEqual([running, running, running]);
    expect(await balanceOf(account)).toBe(3);
  });

  test("T11: without own targets, and the first part fails before it changed anything: pending, no row", async () => {
    const account = await openAccount();
    const operation = whole([part(account, "before"), part(account)]);
    expect(await failureOf(operation.commit())).toBe(failure);
    expect(await statusesOf(operation)).toEqual([["pending"]]);
    expect(await balanceOf(account)).toBe(0);
  });

  test("T11: committed once more after the failure, it is a new operation; parts from setup are not doubled", async () => {
    const account = await openAccount();
    let broken = true;
    class Purchase extends Operation {
      override setup(): void {
        this.subtransactions.push(part(account), part(account, broken ? "before" : undefined));
      }
    }
    const purchase = new Purchase({ requester: unique() });
    expect(await failureOf(purchase.commit())).toBe(failure);
    broken = false;
    await purchase.commit();
    expect(await balanceOf(account)).toBe(1 + 2);
    expect((await purchase.rows()).map(({ status }) => status)).toEqual(["running", "done"]);
  });

  test("T14: a part committed by an overridden applySubtransactions counts for the whole all the same", async () => {
    const account = await openAccount();
    class Reversed extends Operation {
      override async applySubtransactions(): Promise<void> {
        for (const each of this.subtransactions.toReversed()) await each.commit();
      }
    }
    const reversed = new Reversed({ requester: unique() });
    reversed.subtransactions = [part(account, "before"), part(account)];
    expect(await failureOf(reversed.commit())).toBe(failure);
    expect(await statusesOf(reversed)).toEqual([["running", "running"]]);
    expect(await balanceOf(account)).toBe(1);
  });

  test("T14: an error of applySubtransactions itself comes out; without changed targets there is no row", async () => {
    class Broken extends Operation {
      override applySubtransactions(): Promise<void> {
        return Promise.reject(failure);
      }
    }
    const broken = new Broken({ requester: unique() });
    expect(await failureOf(broken.commit())).toBe(failure);
    expect(await statusesOf(broken)).toEqual([["pending"]]);
  });

  test("T11: a transaction that is its own part is refused, not run for ever", async () => {
    const operation = new Operation({ requester: unique() });
    operation.subtransactions.push(operation);
    expect(await failureOf(operation.commit())).toMatchObject({ code: "VALIDATION" });
    expect(await operation.rows()).toEqual([]);
  });
});

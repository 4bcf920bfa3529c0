import { transactor } from "dynatx";
import { expect, test } from "vitest";
import { Account, Operation, balanceOf, openAccount, unique } from "./bank.js";
import type { Ground } from "./ground.js";

/** Operations made of operations. */
export function subtransactionContract({ backend }: Ground): void {
  /** Appends its name to a log when its target is set; a part may have parts. */
  class Part extends Operation {
    log: string[] = [];
    name = "";
    account = "";
    override transactors() {
      return [
        transactor(Account.at(this.account), (account) => {
          account.balance += 1;
          this.log.push(this.name);
        }),
      ];
    }
  }
  const part = (log: string[], account: Account, name: string, parts: Part[] = []): Part =>
    Object.assign(new Part({ requester: unique() }), { log, name, account: account.id, subtransactions: parts });

  test("T11: sub-transactions run after the own targets, in order, nested ones inside theirs; each has its own row", async () => {
    const account = await openAccount();
    const log: string[] = [];
    const inner = [part(log, account, "a1"), part(log, account, "a2")];
    const parts = [part(log, account, "a", inner), part(log, account, "b")];
    const whole = part(log, account, "own", parts);
    await whole.commit({ backend: backend() });
    expect(log).toEqual(["own", "a", "a1", "a2", "b"]);
    expect(await balanceOf(account)).toBe(5);
    for (const operation of [whole, ...parts, ...inner]) {
      expect(operation.status).toBe("done");
      expect((await operation.rows()).map(({ datetime, status }) => [datetime, status])).toEqual([
        [operation.datetime, "done"],
      ]);
    }
  });

  test("T11: a transient part has no row, the others have theirs", async () => {
    const account = await openAccount();
    const parts = [part([], account, "silent"), part([], account, "told")];
    const whole = part([], account, "own", parts);
    Object.assign(parts[0] ?? {}, { transient: true });
    await whole.commit({ backend: backend() });
    expect(await balanceOf(account)).toBe(3);
    const rows = await Promise.all([whole, ...parts].map((operation) => operation.rows()));
    expect(rows.map(({ length }) => length)).toEqual([1, 0, 1]);
  });

  test("T11: registered in the constructor, or in setup; committed again, each runs once again", async () => {
    const account = await openAccount();
    const log: string[] = [];
    class Purchase extends Operation {
      constructor(values: { requester: string }) {
        super(values);
        this.subtransactions.push(part(log, account, "from the constructor"));
      }
      override setup(): void {
        this.subtransactions.push(part(log, account, "from setup"));
      }
    }
    const purchase = new Purchase({ requester: unique() });
    await purchase.commit({ backend: backend() });
    expect(log).toEqual(["from the constructor", "from setup"]);
    expect(purchase.subtransactions).toMatchObject([{ status: "done" }, { status: "done" }]);
    await purchase.commit({ backend: backend() });
    expect(log).toEqual(["from the constructor", "from setup", "from the constructor", "from setup"]);
    expect(await balanceOf(account)).toBe(4);
  });

  test("T11: a transaction that has only parts is done, with a row, when they are", async () => {
    const account = await openAccount();
    const bundle = new Operation({ requester: unique() });
    bundle.subtransactions.push(part([], account, "one"));
    await bundle.commit({ backend: backend() });
    expect(await balanceOf(account)).toBe(1);
    expect((await bundle.rows()).map(({ status }) => status)).toEqual(["done"]);
  });

  test("T14: applySubtransactions overridden decides which parts run, and in which order", async () => {
    const account = await openAccount();
    const log: string[] = [];
    class Choosy extends Part {
      override async applySubtransactions(): Promise<void> {
        this.log.push("override");
        for (const chosen of [2, 0]) await this.subtransactions[chosen]?.commit({ backend: backend() });
      }
    }
    const parts = ["a", "b", "c"].map((name) => part(log, account, name));
    const choosy = new Choosy({ requester: unique() });
    Object.assign(choosy, { log, name: "own", account: account.id, subtransactions: parts });
    await choosy.commit({ backend: backend() });
    expect(log).toEqual(["own", "override", "c", "a"]);
    expect(parts.map(({ status }) => status)).toEqual(["done", "pending", "done"]);
    expect(await balanceOf(account)).toBe(3);
    expect(choosy.status).toBe("done");
  });
}

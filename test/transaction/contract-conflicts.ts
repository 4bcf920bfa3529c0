import { ConflictError, MaxRetriesExceededError, OverwriteError, transactor } from "dynatx";
import { expect, test } from "vitest";
import { Account, Operation, balanceOf, failureOf, openAccount, unique } from "./bank.js";
import { changeElsewhere } from "./bank-ground.js";
import type { Ground } from "./ground.js";

/** Somebody else is at the same item. */
export function conflictContract({ database, backend }: Ground): void {
  /** Adds 1 to an account; another program changes the account under its hands at the first `conflicts` attempts. */
  class Contended extends Operation {
    readonly calls: string[] = [];
    conflicts = 0;
    account = "";
    override setup(): void {
      this.calls.push("setup");
    }
    override transactors() {
      const getter = (): Promise<Account> => {
        this.calls.push("getter");
        return Account.get(this.account);
      };
      return [
        transactor(getter, async (account) => {
          this.calls.push("setter");
          account.balance += 1;
          if (this.conflicts-- > 0) await changeElsewhere(database, account.id, account.balance + 9);
        }),
      ];
    }
  }
  async function contended(conflicts: number): Promise<{ operation: Contended; account: Account }> {
    const account = await openAccount(0);
    const operation = new Contended({ requester: unique() });
    return { operation: Object.assign(operation, { conflicts, account: account.id }), account };
  }

  test.each([0, 1, 3])("T7: %d conflicts: getter and setter run once more than that, setup once, done", async (k) => {
    const { operation, account } = await contended(k);
    await operation.commit({ backend: backend() });
    const attempts = Array.from({ length: k + 1 }, () => ["getter", "setter"]);
    expect(operation.calls).toEqual(["setup", ...attempts.flat()]);
    expect(await balanceOf(account)).toBe(10 * k + 1); // nobody's change was lost
    expect(operation.status).toBe("done");
    expect(await operation.rows()).toHaveLength(1);
  });

  test.each([1, 4])(
    "T8: always conflicting with maxRetries %d: exactly as many attempts, pending, no row",
    async (max) => {
      class Patient extends Contended {
        static override maxRetries = max;
      }
      const { account } = await contended(0);
      const operation = Object.assign(new Patient({ requester: unique() }), {
        conflicts: Infinity,
        account: account.id,
      });
      const error = await failureOf(operation.commit({ backend: backend() }));
      expect(error).toBeInstanceOf(MaxRetriesExceededError);
      expect(error).toMatchObject({ attempts: max, retryable: true, code: "MAX_RETRIES_EXCEEDED" });
      // True: the line above says which error it is.
      expect((error as MaxRetriesExceededError).cause).toBeInstanceOf(ConflictError);
      expect(operation.calls.filter((call) => call === "getter")).toHaveLength(max);
      expect(operation.calls.filter((call) => call === "setter")).toHaveLength(max);
      expect(operation.status).toBe("pending");
      expect(await operation.rows()).toEqual([]);
      expect(await balanceOf(account)).toBe(10 * max); // the other program's changes, and none of ours
    },
  );

  test("T8: the number of attempts comes from the class: 100 unless it says otherwise, and never less than one", async () => {
    expect(Operation.maxRetries).toBe(100);
    for (const maxRetries of [0, -1, 1.5, Number.NaN]) {
      class Senseless extends Operation {
        static override maxRetries = maxRetries;
      }
      const operation = new Senseless({ requester: unique() });
      await expect(operation.commit({ backend: backend() })).rejects.toMatchObject({ code: "VALIDATION" });
    }
  });

  test("T9: an error that is not a conflict is not retried", async () => {
    const account = await openAccount();
    const failure = new Error("a mistake of the program");
    for (const failing of ["getter", "setter"]) {
      const calls: string[] = [];
      class Mistaken extends Operation {
        override transactors() {
          const step = (name: string): void => {
            calls.push(name);
            if (name === failing) throw failure;
          };
          const getter = (): Promise<Account> => {
            step("getter");
            return Account.get(account.id);
          };
          return [transactor(getter, () => step("setter"))];
        }
      }
      expect(await failureOf(new Mistaken({ requester: unique() }).commit({ backend: backend() }))).toBe(failure);
      expect(calls).toEqual(failing === "getter" ? ["getter"] : ["getter", "setter"]);
    }
  });

  test("T9: a conflict that a getter or a setter throws counts as one", async () => {
    const account = await openAccount();
    const calls: string[] = [];
    class Nested extends Operation {
      override transactors() {
        const getter = (): Promise<Account> => {
          if (calls.push("getter") === 1) throw new ConflictError("read something in two halves");
          return Account.get(account.id);
        };
        return [
          transactor(getter, () => {
            if (calls.push("setter") === 3) throw new OverwriteError("made something that was there");
          }),
        ];
      }
    }
    await new Nested({ requester: unique() }).commit({ backend: backend() });
    expect(calls).toEqual(["getter", "getter", "setter", "getter", "setter"]);
  });

  test("T10: two transactors that create two new items: both are created", async () => {
    const ids = [unique(), unique()];
    class Opening extends Operation {
      override transactors() {
        return ids.map((id) =>
          transactor(
            () => new Account({ id, balance: 5 }),
            (account) => void account.balance++,
          ),
        );
      }
    }
    await new Opening({ requester: unique() }).commit({ backend: backend() });
    expect((await Account.getBatch(ids)).map((account) => account?.balance)).toEqual([6, 6]);
  });

  test("T10: an item that exists meanwhile is never overwritten: retried, the getter sees it", async () => {
    const id = unique();
    const seen: (number | undefined)[] = [];
    class Opening extends Operation {
      override transactors() {
        const getter = async (): Promise<Account> => {
          const found = await Account.find(id);
          seen.push(found?.balance);
          if (found === undefined) await changeElsewhere(database, id, 70); // just after we looked
          return found ?? new Account({ id });
        };
        return [transactor(getter, (account) => void (account.balance += 1))];
      }
    }
    await new Opening({ requester: unique() }).commit({ backend: backend() });
    expect(seen).toEqual([undefined, 70]);
    expect((await Account.get(id)).balance).toBe(71);
  });

  test("T10: a getter that insists on a new item over an existing one gives up with the OverwriteError as cause", async () => {
    const account = await openAccount(8);
    class Insisting extends Operation {
      static override maxRetries = 3;
      override transactors() {
        return [
          transactor(
            () => new Account({ id: account.id }),
            () => {},
          ),
        ];
      }
    }
    const error = await failureOf(new Insisting({ requester: unique() }).commit({ backend: backend() }));
    expect(error).toMatchObject({ code: "MAX_RETRIES_EXCEEDED", attempts: 3, cause: { code: "OVERWRITE" } });
    expect(await balanceOf(account)).toBe(8);
  });
}

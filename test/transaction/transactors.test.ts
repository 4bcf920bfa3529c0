import { ValidationError, transactor } from "dynatx";
import { describe, expect, test } from "vitest";
import { useDatabase } from "../support/databases.js";
import { Account, Operation, balanceOf, failureOf, openAccount, unique } from "./bank.js";
import { useBank } from "./bank-ground.js";

/** What the compiler refuses may still come from JavaScript: it is refused at run time too, in words. */
describe("transactors", () => {
  useBank(useDatabase());

  const returning = (list: unknown): Operation => {
    class Returning extends Operation {
      override transactors() {
        return list as never;
      }
    }
    return new Returning({ requester: unique() });
  };

  test("T9: transactor takes two functions: a promise in place of a getter is refused at once", () => {
    const getter = () => new Account({ id: "a" });
    for (const wrong of [Promise.resolve(), undefined, new Account({ id: "a" })]) {
      expect(() => transactor(wrong as never, () => {})).toThrow(ValidationError);
      expect(() => transactor(getter, wrong as never)).toThrow(/two functions/);
    }
  });

  test.each<[string, unknown]>([
    ["nothing", undefined],
    [
      "a transactor that is in no list",
      transactor(
        () => new Account({ id: "a" }),
        () => {},
      ),
    ],
    ["pairs of functions that transactor did not make", [[() => new Account({ id: "a" }), () => {}]]],
    ["a list with a hole", [undefined]],
    ["a list of null", [null]],
  ])("T9: transactors() that returns %s: ValidationError, nothing begun", async (_, list) => {
    const operation = returning(list);
    const error = await failureOf(operation.commit());
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toHaveProperty("message", "transactors() must return a list of transactor(getter, setter)");
    expect(operation.status).toBe("pending");
  });

  test("T9: one wrong transactor among right ones stops the commit before the first of them", async () => {
    const account = await openAccount();
    const right = transactor(Account.at(account.id), (found) => void (found.balance += 1));
    await expect(returning([right, {}]).commit()).rejects.toBeInstanceOf(ValidationError);
    expect(await balanceOf(account)).toBe(0);
  });

  test.each<[string, unknown]>([
    ["a plain object", { id: "a" }],
    ["a text", "a"],
    ["a list of instances", [new Account({ id: "a" })]],
    ["a model class", Account],
  ])("T9: a getter that returns %s is refused before the setter runs", async (_, target) => {
    let set = 0;
    const operation = returning([
      transactor(
        () => target as never,
        () => set++,
      ),
    ]);
    expect(await failureOf(operation.commit())).toBeInstanceOf(ValidationError);
    expect(set).toBe(0);
    expect(operation.status).toBe("pending");
  });

  test("T1: transactors() may be asynchronous and may be empty; setters may be asynchronous, what they return is ignored", async () => {
    const account = await openAccount(1);
    class Late extends Operation {
      override async transactors() {
        const { balance } = await Account.get(account.id);
        return [
          transactor(Account.at(account.id), async (found) => {
            await Promise.resolve();
            found.balance += balance + 1;
            return new Account({ id: "ignored" });
          }),
        ];
      }
    }
    await new Late({ requester: unique() }).commit();
    expect(await balanceOf(account)).toBe(3);
    expect(await Account.find("ignored")).toBeUndefined();
    const empty = returning([]);
    await empty.commit();
    expect((await empty.rows()).map(({ status }) => status)).toEqual(["done"]);
  });
});

import { ConflictError, MaxRetriesExceededError, TargetNotFoundError, ValidationError } from "dynatx";
import { expect, test } from "vitest";
import { describeOnBoth } from "../support/databases.js";
import { InsufficientFunds, balanceOf, failureOf, openAccount, unique } from "./bank.js";
import type { Account } from "./bank.js";
import { changeElsewhere, useBank } from "./bank-ground.js";
import { addOne, gate, lineAt } from "./line.js";

describeOnBoth("combining: what a batch decides", (database) => {
  useBank(database);

  test("X7: 500 increments at once: all are applied, with far fewer requests, in order of arrival", async () => {
    const account = await openAccount();
    const { commit, sent, combined, sizes } = lineAt(database, account.id);
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 500 }, (_, i) =>
        commit((found) => {
          order.push(i);
          return addOne(found);
        }),
      ),
    );
    expect(await balanceOf(account)).toBe(500);
    expect(order).toEqual(Array.from({ length: 500 }, (_, i) => i));
    expect(sent.length).toBeLessThanOrEqual(50);
    expect(sizes().reduce((sum, size) => sum + size, 0)).toBe(500);
    expect(Math.max(...sizes())).toBeLessThanOrEqual(100); // a batch is bounded
    expect(combined[0]).toMatchObject({
      table: database.connection.tableName("accounts"),
      key: { id: account.id },
      durationMs: expect.any(Number),
    });
  });

  test("X7: a setter that throws, a copy that does not validate, one with another key: each fails alone, of itself", async () => {
    const account = await openAccount();
    const { commit, sizes } = lineAt(database, account.id);
    const failure = new Error("not today");
    const ended = await Promise.allSettled([
      commit(addOne),
      commit((found) => {
        found.balance = 999;
        throw failure;
      }),
      commit((found) => void (found.balance += 0.5)),
      commit((found) => void (found.id = unique())),
      commit(addOne),
    ]);
    expect(ended.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "rejected", "fulfilled"]);
    const reasons = ended.map((end): unknown => (end.status === "rejected" ? end.reason : undefined));
    expect(reasons[1]).toBe(failure);
    expect(reasons[2]).toBeInstanceOf(ValidationError);
    expect(reasons[3]).toBeInstanceOf(ValidationError);
    expect(sizes()).toEqual([2]);
    expect(await balanceOf(account)).toBe(2);
  });

  test("X8: a setter that throws because of a change that a conflict rolls back runs again", async () => {
    const account = await openAccount(5);
    const { commit } = lineAt(database, account.id);
    let seen: number[] = [];
    const first = commit(async (found) => {
      found.balance -= 5;
      if (seen.length === 0) await changeElsewhere(database, account.id, 9); // so that this is never written
    });
    const second = commit((found) => {
      seen = [...seen, found.balance];
      found.withdraw(4);
    });
    await Promise.all([first, second]);
    expect(seen).toEqual([0, 4]);
    expect(await balanceOf(account)).toBe(0);
  });

  test("X8: one that throws on a cached image is decided on a fresh read", async () => {
    const account = await openAccount(0);
    const held = gate();
    const { commit, sent } = lineAt(database, account.id);
    const seen: number[] = [];
    const first = commit(() => held.opened);
    await Promise.resolve();
    const late = first.then(() =>
      // The queue still knows the item as it was written; another program changes it.
      commit(async (found) => {
        seen.push(found.balance);
        if (seen.length === 1) await changeElsewhere(database, account.id, 7);
        found.withdraw(3);
      }),
    );
    held.open();
    await late;
    expect(seen).toEqual([0, 7]);
    expect(sent).toEqual(["GetItem", "UpdateItem", "GetItem", "UpdateItem"]);
    expect(await balanceOf(account)).toBe(4);
  });

  test("X8: an image that was read before a commit began does not refuse it", async () => {
    const account = await openAccount(0);
    const [read, go] = [gate(), gate()];
    let held = false;
    const { commit } = lineAt(database, account.id, {
      plan: async (operation) => {
        if (operation === "UpdateItem" || held) return undefined;
        held = true;
        read.open();
        await go.opened;
        return undefined;
      },
    });
    const seen: number[] = [];
    const refuse = (found: Account): void => {
      seen.push(found.balance);
      found.withdraw(3);
    };
    const early = failureOf(commit(refuse));
    await read.opened;
    const late = commit(refuse); // the read is on its way: it says nothing of what was before this
    go.open();
    expect(await early).toBeInstanceOf(InsufficientFunds);
    expect(await failureOf(late)).toBeInstanceOf(InsufficientFunds);
    expect(seen).toHaveLength(3);
  });

  test("X8: an instance from the middle of a batch, saved later, conflicts; the last one can be saved", async () => {
    const account = await openAccount();
    const { commit, sizes } = lineAt(database, account.id);
    const kept: Account[] = [];
    const keep = (found: Account): void => {
      kept.push(found);
      found.balance += 1;
    };
    await Promise.all([commit(keep), commit(keep), commit(() => {}), commit(keep)]);
    expect(sizes()).toEqual([4]);
    const [first, middle, last] = kept;
    for (const stale of [first, middle]) {
      if (stale === undefined) throw new Error("three were kept");
      stale.balance = 100;
      await expect(stale.save({ raiseOnConflict: true })).rejects.toBeInstanceOf(ConflictError);
    }
    expect(await balanceOf(account)).toBe(3);
    if (last === undefined) throw new Error("three were kept");
    last.balance = 50;
    await last.save({ raiseOnConflict: true });
    expect(await balanceOf(account)).toBe(50);
  });

  test("X8: an instance from the middle whose successors changed nothing conflicts too", async () => {
    const account = await openAccount();
    const { commit } = lineAt(database, account.id);
    let kept: Account | undefined;
    await Promise.all([commit((found) => (kept = found) && addOne(found)), commit(() => {})]);
    await expect(kept?.save({ raiseOnConflict: true })).rejects.toBeInstanceOf(ConflictError);
  });

  test("X7: an item that is not there: each gets a TargetNotFoundError of its own", async () => {
    const id = unique();
    const { commit } = lineAt(database, id);
    const errors = await Promise.all([1, 2, 3].map(() => failureOf(commit(addOne))));
    for (const error of errors) expect(error).toBeInstanceOf(TargetNotFoundError);
    expect(errors[0]).toMatchObject({ key: { id }, cause: { code: "ITEM_NOT_FOUND" } });
    expect(new Set(errors).size).toBe(3);
  });

  test("T8: always conflicting: each of a batch gives up after exactly maxRetries attempts, with errors of its own", async () => {
    const account = await openAccount();
    const { make } = lineAt(database, account.id);
    let changed = 0;
    const runs = [0, 0, 0];
    const errors = await Promise.all(
      runs.map((_, i) => {
        const touch = make(async (found) => {
          runs[i] = (runs[i] ?? 0) + 1;
          await changeElsewhere(database, account.id, found.balance + 10 + changed++);
        });
        Object.assign(touch.constructor, { maxRetries: 4 });
        return failureOf(touch.commit());
      }),
    );
    expect(runs).toEqual([4, 4, 4]);
    const causes = errors.map((error) => (error instanceof MaxRetriesExceededError ? error.cause : undefined));
    for (const cause of causes) expect(cause).toBeInstanceOf(ConflictError);
    expect(new Set([...errors, ...causes]).size).toBe(6);
  });
});

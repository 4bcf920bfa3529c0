import { MaxRetriesExceededError, systemClock, transactor } from "dynatx";
import type { Backoff, Clock, Random } from "dynatx";
import { describe, expect, test } from "vitest";
import { useDatabase } from "../support/databases.js";
import { Account, Operation, failureOf, openAccount, unique } from "./bank.js";
import { changeElsewhere, useBank } from "./bank-ground.js";

/** What lies between the attempts of a commit. Time and randomness are the test's own. */
describe("waits between attempts", () => {
  const database = useDatabase();
  useBank(database);

  /** Commits something that meets `conflicts` conflicts, and tells the waits in milliseconds, the first retry's included. */
  async function waitsOf(
    conflicts: number,
    options: { conflictBackoff?: Backoff; fraction?: () => number; maxRetries?: number } = {},
  ): Promise<{ waits: number[]; failure: unknown }> {
    const { conflictBackoff, fraction = () => 0.5, maxRetries = 100 } = options;
    const waits: number[] = [];
    let slept: number[] = [];
    const clock: Clock = {
      now: () => systemClock.now(),
      sleep: (ms, signal) => {
        // Waiting for a turn behind others is not a back-off; here nobody else is there, so that it does not occur.
        slept.push(ms);
        signal?.throwIfAborted();
        return Promise.resolve();
      },
    };
    const random: Random = { fraction, writeId: () => unique().slice(0, 8) };
    const connection = database.connect({ clock, random, ...(conflictBackoff && { conflictBackoff }) });
    const Accounts = Account.on(connection);
    const account = await openAccount();
    let left = conflicts;
    class Contended extends Operation.on(connection) {
      static override transient = true;
      static override maxRetries = maxRetries;
      override transactors() {
        const getter = (): Promise<Account> => {
          waits.push(slept.reduce((sum, ms) => sum + ms, 0));
          slept = [];
          return Accounts.get(account.id);
        };
        return [
          transactor(getter, async (found) => {
            found.balance += 1;
            if (left-- > 0) await changeElsewhere(database, account.id, 100 + left);
          }),
        ];
      }
    }
    const committed = new Contended({ requester: unique() }).commit();
    const failure = conflicts < maxRetries ? await committed.then(() => undefined) : await failureOf(committed);
    expect(slept).toEqual([]); // no wait after the last attempt
    return { waits: waits.slice(1), failure };
  }

  test("T7: the first retry is immediate; the span doubles with each further one up to its cap; full jitter", async () => {
    const conflictBackoff = { baseMs: 8, capMs: 50 };
    const { waits } = await waitsOf(7, { conflictBackoff, fraction: () => 0.5 });
    expect(waits).toEqual([0, 4, 8, 16, 25, 25, 25]);
    const longest = await waitsOf(7, { conflictBackoff, fraction: () => 0.999 });
    expect(longest.waits.map((ms) => Math.round(ms))).toEqual([0, 8, 16, 32, 50, 50, 50]);
    const shortest = await waitsOf(4, { conflictBackoff, fraction: () => 0 });
    expect(shortest.waits).toEqual([0, 0, 0, 0]);
  });

  test("T7: each wait is drawn anew", async () => {
    const fractions = [0.1, 0.9, 0.3];
    const { waits } = await waitsOf(4, {
      conflictBackoff: { baseMs: 10, capMs: 1000 },
      fraction: () => fractions.shift() ?? Number.NaN,
    });
    expect(waits).toEqual([0, 1, 18, 12]);
  });

  test("T7: by default from 25 ms to 500 ms", async () => {
    const { waits } = await waitsOf(12, { fraction: () => 0.5 });
    expect(waits).toEqual([0, 12.5, 25, 50, 100, 200, 250, 250, 250, 250, 250, 250]);
  });

  test("T8: exactly maxRetries attempts, waits between them only; very many do not overflow the span", async () => {
    const { waits, failure } = await waitsOf(100, { fraction: () => 0.5, maxRetries: 100 });
    expect(waits).toHaveLength(99);
    expect(waits.at(-1)).toBe(250);
    expect(failure).toBeInstanceOf(MaxRetriesExceededError);
    expect(failure).toMatchObject({ attempts: 100 });
    expect(failure).toHaveProperty("message", expect.stringMatching(/100 attempts.*accounts \{"id":"/));
  });

  test("T8: with one attempt there is no wait at all", async () => {
    const { waits, failure } = await waitsOf(1, { maxRetries: 1 });
    expect(waits).toEqual([]);
    expect(failure).toMatchObject({ attempts: 1 });
  });
});

import { expect, test } from "vitest";
import { Account, InsufficientFunds, Operation, Transfer, balanceOf, openAccount, unique } from "./bank.js";
import type { Ground } from "./ground.js";

/** Many at once. */
export function throngContract({ database, backend, transfers = 1000 }: Ground): void {
  test("T12: 100 commits at once by one requester: 100 rows", async () => {
    const requester = unique();
    const operations = Array.from({ length: 100 }, () => new Operation({ requester }));
    await Promise.all(operations.map((operation) => operation.commit({ backend: backend() })));
    const rows = await Operation.query(requester, { consistent: true }).toArray();
    expect(rows.map(({ datetime }) => datetime)).toEqual(operations.map(({ datetime }) => datetime).toSorted());
    expect(new Set(rows.map(({ datetime }) => datetime)).size).toBe(100);
    expect(rows.every(({ status }) => status === "done")).toBe(true);
  });

  test("T12: datetimes that another process took in the same microsecond are retried with new ones", async () => {
    const requester = unique();
    // One clock stands for one process: each gives no time twice, and all of them stand still at the same instant.
    const processes = Array.from({ length: 10 }, () =>
      database.connect({ clock: { now: () => 1_700_000_000_000, sleep: () => Promise.resolve() } }),
    );
    let taken = 0;
    for (const connection of processes) connection.on("retry", () => taken++);
    await Promise.all(
      processes.flatMap((connection) =>
        Array.from({ length: 10 }, () => {
          class Hasty extends Operation.on(connection) {
            static override maxRetries = 1; // of its targets: the row is saved for all that
          }
          return new Hasty({ requester }).commit({ backend: backend() });
        }),
      ),
    );
    const rows = await Operation.query(requester, { consistent: true }).toArray();
    expect(rows).toHaveLength(100);
    expect(rows[0]?.datetime).toBe("2023-11-14T22:13:20.000000Z");
    expect(taken).toBeGreaterThan(0);
  });

  /** Moves small amounts between accounts in all directions, all at once, and sees that nothing was lost or made. */
  async function transferAll(models: readonly (typeof Transfer)[], count: number, accountCount: number): Promise<void> {
    const opening = Math.ceil((3 * count) / accountCount); // enough for every order of events
    const accounts = await Promise.all(Array.from({ length: accountCount }, () => openAccount(opening)));
    const idAt = (i: number): string => accounts[i % accountCount]?.id ?? "";
    const requesterId = unique();
    const commits = Array.from({ length: count }, (_, i) => {
      const Model = models[i % models.length] ?? Transfer;
      const to = idAt(i + 1 + (i % (accountCount - 1)));
      return new Model({ requesterId, from: idAt(i), to, amount: 1 + (i % 3) }).commit({ backend: backend() });
    });
    const ended = await Promise.allSettled(commits);
    expect(ended.filter(({ status }) => status === "rejected")).toEqual([]);
    const balances = (await Account.getBatch(accounts.map(({ id }) => id))).map((account) => account?.balance ?? NaN);
    expect(balances.reduce((sum, balance) => sum + balance, 0)).toBe(accountCount * opening);
    expect(Math.min(...balances)).toBeGreaterThanOrEqual(0);
    const rows = await Transfer.query(requesterId, { consistent: true }).toArray();
    expect(rows).toHaveLength(count);
    expect(rows.every(({ status }) => status === "done")).toBe(true);
  }

  test(`T15: ${transfers} transfers at once over 20 accounts: the total is kept, no balance is negative, as many done rows`, async () => {
    await transferAll([Transfer], transfers, 20);
  }, 60_000);

  test("T15: 80 transfers over 8 accounts by four processes, which know nothing of each other: likewise", async () => {
    const processes = Array.from({ length: 4 }, () => Transfer.on(database.connect()));
    await transferAll(processes, 80, 8);
  }, 60_000);

  test("T15: of 30 withdrawals from an account that holds 20, twenty are done and ten refused", async () => {
    const [from, to] = [await openAccount(20), await openAccount(0)];
    const requesterId = unique();
    const commits = Array.from({ length: 30 }, () =>
      new Transfer({ requesterId, from: from.id, to: to.id, amount: 1 }).commit({ backend: backend() }),
    );
    const ended = await Promise.allSettled(commits);
    const refused = ended.filter((end) => end.status === "rejected").map(({ reason }): unknown => reason);
    expect(refused).toHaveLength(10);
    expect(refused.every((reason) => reason instanceof InsufficientFunds)).toBe(true);
    expect([await balanceOf(from), await balanceOf(to)]).toEqual([0, 20]);
    expect(await Transfer.query(requesterId, { consistent: true }).toArray()).toHaveLength(20);
  });
}

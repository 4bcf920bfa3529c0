import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Connection, TargetNotFoundError } from "dynatx";
import { describe, expect, onTestFinished, test } from "vitest";
import { describeOnBoth, useDatabase } from "../support/databases.js";
import { faultyClient } from "../support/faults.js";
import { useBank } from "./bank-ground.js";
import { balanceOf, openAccount, unique } from "./bank.js";
import type { Account } from "./bank.js";
import { AnnouncedTransfer } from "./fixtures/slow-transfer.js";

const program = fileURLToPath(new URL("fixtures/slow-transfer.ts", import.meta.url));

async function unfinishedOf(requesterId: string): Promise<AnnouncedTransfer[]> {
  const found = await AnnouncedTransfer.unfinished({ olderThan: 0 }).toArray();
  return found.filter((row) => row.requesterId === requesterId);
}

describeOnBoth("writeAhead: a process that dies leaves a trace", (database) => {
  useBank(database);

  /** Begins a transfer in another process and kills that when it has come to the given target. */
  async function killedBefore(target: 0 | 1, requesterId: string, from: Account, to: Account): Promise<void> {
    const { endpoint, connection } = database;
    const values = [endpoint, connection.tablePrefix, requesterId, from.id, to.id, String(target)];
    const child = spawn(process.execPath, ["--no-warnings", "--import", "tsx", program, ...values], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const exited = once(child, "exit");
    const said = await Promise.race([once(child.stdout, "data"), exited.then(() => ["exited"])]);
    expect(String(said[0])).toBe("halted\n");
    child.kill("SIGKILL");
    expect(await exited).toEqual([null, "SIGKILL"]);
  }

  test("T17: killed between two targets: the row says so, unfinished finds it, and it tells what is to be mended", async () => {
    const [from, to, requesterId] = [await openAccount(10), await openAccount(0), unique()];
    await killedBefore(1, requesterId, from, to);
    expect([await balanceOf(from), await balanceOf(to)]).toEqual([5, 0]);
    const found = await unfinishedOf(requesterId);
    expect(found).toHaveLength(1);
    expect(found[0]).toBeInstanceOf(AnnouncedTransfer);
    expect(found[0]).toMatchObject({ from: from.id, to: to.id, amount: 5 });
    expect(["pending", "running"]).toContain(found[0]?.status);
  });

  test("T17: killed before the first target: unfinished finds it all the same", async () => {
    const [from, to, requesterId] = [await openAccount(10), await openAccount(0), unique()];
    await killedBefore(0, requesterId, from, to);
    expect([await balanceOf(from), await balanceOf(to)]).toEqual([10, 0]);
    expect((await unfinishedOf(requesterId)).map(({ status }) => status)).toEqual(["pending"]);
  });
});

describe("writeAhead: what unfinished finds", () => {
  const database = useDatabase();
  useBank(database);

  test("T17: one that is done is not among them", async () => {
    const [from, to, requesterId] = [await openAccount(10), await openAccount(0), unique()];
    const transfer = new AnnouncedTransfer({ requesterId, from: from.id, to: to.id, amount: 5 });
    await transfer.commit();
    expect(await unfinishedOf(requesterId)).toEqual([]);
    const rows = await AnnouncedTransfer.query(requesterId, { consistent: true }).toArray();
    expect(rows.map(({ datetime, status }) => [datetime, status])).toEqual([[transfer.datetime, "done"]]);
  });

  test("T17: one that failed part-way is among them, in its one row, as running; one that changed nothing is not", async () => {
    const [from, requesterId] = [await openAccount(10), unique()];
    const transfer = new AnnouncedTransfer({ requesterId, from: from.id, to: unique(), amount: 5 });
    await expect(transfer.commit()).rejects.toBeInstanceOf(TargetNotFoundError);
    expect((await unfinishedOf(requesterId)).map(({ datetime, status }) => [datetime, status])).toEqual([
      [transfer.datetime, "running"],
    ]);
    const nothing = new AnnouncedTransfer({ requesterId: unique(), from: unique(), to: from.id, amount: 5 });
    await expect(nothing.commit()).rejects.toBeInstanceOf(TargetNotFoundError);
    expect(await unfinishedOf(nothing.requesterId)).toEqual([]);
  });

  test("T17: olderThan leaves out those that may still be at work, by the time the connection knows", async () => {
    const [from, requesterId] = [await openAccount(10), unique()];
    await expect(
      new AnnouncedTransfer({ requesterId, from: from.id, to: unique(), amount: 5 }).commit(),
    ).rejects.toBeInstanceOf(TargetNotFoundError);
    const hours = 3_600_000;
    const later = database.connect({ clock: { now: () => Date.now() + 2 * hours, sleep: () => Promise.resolve() } });
    const found = async (model: typeof AnnouncedTransfer, olderThan: number) =>
      (await model.unfinished({ olderThan }).toArray()).filter((row) => row.requesterId === requesterId).length;
    expect(await found(AnnouncedTransfer, hours)).toBe(0);
    expect(await found(AnnouncedTransfer.on(later), hours)).toBe(1);
    expect(await found(AnnouncedTransfer.on(later), 3 * hours)).toBe(0);
    for (const olderThan of [Number.NaN, Infinity]) {
      expect(() => AnnouncedTransfer.unfinished({ olderThan })).toThrow(/olderThan must be a number of milliseconds/);
    }
  });

  test("T17: when the row cannot be written ahead, nothing is begun", async () => {
    const from = await openAccount(10);
    const { client } = faultyClient(database.endpoint, (operation) =>
      operation === "PutItem" ? "throttle" : undefined,
    );
    const Throttled = AnnouncedTransfer.on(new Connection({ client, maxSends: 1 }));
    const transfer = new Throttled({ requesterId: unique(), from: from.id, to: from.id, amount: 5 });
    await expect(transfer.commit()).rejects.toMatchObject({ code: "REQUEST_FAILED", operation: "PutItem" });
    expect(transfer.status).toBe("pending");
    expect(await balanceOf(from)).toBe(10);
  });
});

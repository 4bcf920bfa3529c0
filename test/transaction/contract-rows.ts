import { SchemaError, Transaction, ValidationError, transactor } from "dynatx";
import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { Account, Deposit, Operation, failureOf, openAccount, unique } from "./bank.js";
import type { Ground } from "./ground.js";

/** The row that tells of an operation. */
export function rowContract({ database, backend }: Ground): void {
  class Shot extends Transaction.define({
    table: "shots",
    hashKey: "playerNumber",
    indexes: { byWeapon: { hashKey: "weapon", rangeKey: "datetime" } },
    schema: z.object({
      playerNumber: z.number().int(),
      weapon: z.string(),
      hits: z.set(z.string()).default(() => new Set<string>()),
      note: z.string().optional(),
    }),
  }) {
    override setup(): void {
      this.hits.add("target");
    }
  }
  beforeAll(() => database.connection.createTable(Shot, { waitForActive: true }));
  const playerNumber = (): number => Math.floor(Math.random() * 1e12);

  test("T13: a hash key of another name and type, and attributes of its own, set in setup too, are in the row", async () => {
    const shot = new Shot({ playerNumber: playerNumber(), weapon: unique(), note: "windy" });
    await shot.commit({ backend: backend() });
    const row = await Shot.get(shot.playerNumber, shot.datetime);
    expect(row).toBeInstanceOf(Shot);
    expect(row.toJSON()).toEqual({
      playerNumber: shot.playerNumber,
      weapon: shot.weapon,
      hits: ["target"],
      note: "windy",
      datetime: shot.datetime,
      status: "done",
    });
  });

  test("T13: a row that setup has made unfit for the schema is refused before a target changes", async () => {
    const account = await openAccount(1);
    class Unfit extends Deposit {
      override setup(): void {
        this.amount = 0.5;
      }
    }
    const deposit = new Unfit({ requesterId: unique(), to: account.id, amount: 5 });
    const error = await failureOf(deposit.commit({ backend: backend() }));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({ issues: [{ path: ["amount"] }] });
    expect(deposit.status).toBe("pending");
    expect((await Account.get(account.id)).balance).toBe(1);
  });

  test("T13: rows come in the order of time, from the table and from an index", async () => {
    const [player, weapon] = [playerNumber(), unique()];
    const datetimes: string[] = [];
    for (const note of ["first", "second", "third"]) {
      const shot = await new Shot({ playerNumber: player, weapon, note }).commit({ backend: backend() });
      datetimes.push(shot.datetime);
    }
    const rows = await Shot.query(player, { consistent: true }).toArray();
    expect(rows.map(({ datetime, note }) => [datetime, note])).toEqual([
      [datetimes[0], "first"],
      [datetimes[1], "second"],
      [datetimes[2], "third"],
    ]);
    expect(datetimes.toSorted()).toEqual(datetimes);
    const last = await Shot.query(weapon, { index: "byWeapon", reverse: true }).first();
    expect(last?.note).toBe("third");
  });

  test("T13: statusesToSave without done: no row of a success; with pending: a row even of what changed nothing", async () => {
    class Complaint extends Operation {
      static override statusesToSave = new Set(["pending", "running"]);
      failure: Error | undefined;
      override transactors() {
        if (this.failure) throw this.failure;
        return [];
      }
    }
    const fine = new Complaint({ requester: unique() });
    await fine.commit({ backend: backend() });
    expect(fine.status).toBe("done");
    expect(await fine.rows()).toEqual([]);

    for (const writeAhead of [false, true]) {
      class Failing extends Complaint {
        static override writeAhead = writeAhead;
      }
      const failing = new Failing({ requester: unique() });
      failing.failure = new Error("out of order");
      expect(await failureOf(failing.commit({ backend: backend() }))).toBe(failing.failure);
      expect((await failing.rows()).map(({ status }) => status)).toEqual(["pending"]);
    }
  });

  test("T13: datetime, status and the members of transactions are not the user's to define", () => {
    for (const name of ["datetime", "status", "transient", "subtransactions", "setup", "commit"]) {
      const schema: object = z.object({ id: z.string(), [name]: z.string() });
      // What the compiler refuses is refused at run time as well.
      expect(() => Transaction.define({ table: "t", hashKey: "id", schema } as never)).toThrow(SchemaError);
    }
    const schema = z.object({ id: z.string(), at: z.string() });
    const rangeKey: object = { table: "t", hashKey: "id", rangeKey: "at", schema };
    expect(() => Transaction.define(rangeKey as never)).toThrow(/always datetime/);
  });

  test("T17: writeAhead: the row is there, as pending, before the first target changes, and is updated in place", async () => {
    const account = await openAccount();
    const during: string[] = [];
    class Announced extends Operation {
      static override writeAhead = true;
      override transactors() {
        return [
          transactor(Account.at(account.id), async (found) => {
            for (const row of await this.rows()) during.push(`${row.datetime} ${row.status}`);
            found.balance += 1;
          }),
        ];
      }
    }
    const announced = new Announced({ requester: unique() });
    await announced.commit({ backend: backend() });
    expect(during).toEqual([`${announced.datetime} pending`]);
    const rows = await announced.rows();
    expect(rows.map(({ datetime, status }) => [datetime, status])).toEqual([[announced.datetime, "done"]]);
  });

  test("T17: writeAhead: what fails before any target was saved leaves no row", async () => {
    class Announced extends Deposit {
      static override writeAhead = true;
    }
    const announced = new Announced({ requesterId: unique(), to: unique(), amount: 1 });
    await expect(announced.commit({ backend: backend() })).rejects.toMatchObject({ code: "TARGET_NOT_FOUND" });
    expect(announced.status).toBe("pending");
    expect(await Deposit.query(announced.requesterId, { consistent: true }).toArray()).toEqual([]);
  });

  test("T17: writeAhead of a transient transaction writes nothing", async () => {
    class Announced extends Operation {
      static override writeAhead = true;
      static override transient = true;
    }
    const announced = new Announced({ requester: unique() });
    await announced.commit({ backend: backend() });
    expect(announced.status).toBe("done");
    expect(await announced.rows()).toEqual([]);
  });
}

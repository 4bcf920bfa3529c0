import { DynamoDBModel, Transaction, transactor } from "dynatx";
import { beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { useDatabase } from "../support/databases.js";
import { unique } from "./bank.js";
import { changeElsewhere, useBank } from "./bank-ground.js";

describe("hooks inside transactions", () => {
  const database = useDatabase();
  useBank(database);

  const log: string[] = [];
  class Watched extends DynamoDBModel.define({
    table: "accounts",
    hashKey: "id",
    timestamps: true,
    schema: z.object({ id: z.string(), balance: z.number().int().default(0) }),
  }) {
    static override async beforeSave(watched: Watched): Promise<void> {
      await Promise.resolve();
      log.push(`beforeSave ${watched.balance}`);
    }
    static override afterLoad(watched: Watched): void {
      log.push(`afterLoad ${watched.balance}`);
    }
  }
  class Adding extends Transaction.define({
    table: "watchedOperations",
    hashKey: "requester",
    schema: z.object({ requester: z.string(), to: z.string(), conflicts: z.number().default(0) }),
  }) {
    static override beforeSave(adding: Adding): void {
      log.push(`beforeSave of the row ${adding.status}`);
    }
    static override afterLoad(adding: Adding): void {
      log.push(`afterLoad of the row ${adding.status}`);
    }
    override setup(): void {
      log.push("setup");
    }
    override transactors() {
      log.push("transactors");
      return [
        transactor(Watched.at(this.to), async (watched) => {
          log.push("setter");
          watched.balance += 1;
          if (this.conflicts-- > 0) await changeElsewhere(database, this.to, 10);
        }),
      ];
    }
    override async applySubtransactions(): Promise<void> {
      log.push("applySubtransactions");
      await super.applySubtransactions();
    }
    override async save(options: object): Promise<void> {
      log.push("save");
      await super.save(options);
    }
  }
  beforeAll(() => database.connection.createTable(Adding, { waitForActive: true }));

  async function watched(): Promise<Watched> {
    const made = new Watched({ id: unique() });
    await made.save();
    log.length = 0;
    return made;
  }

  test("D29: each hook of the target, of the row and of the transaction runs once, in order", async () => {
    const { id } = await watched();
    const adding = new Adding({ requester: unique(), to: id });
    await adding.commit();
    expect(log).toEqual([
      "setup",
      "transactors",
      "afterLoad 0",
      "setter",
      "beforeSave 1",
      "applySubtransactions",
      "save",
      "beforeSave of the row done",
    ]);
    log.length = 0;
    await Adding.get(adding.requester, adding.datetime);
    expect(log).toEqual(["afterLoad of the row done"]);
  });

  test("D29: after a conflict those of the target run once for the new attempt, the others do not run again", async () => {
    const { id } = await watched();
    await new Adding({ requester: unique(), to: id, conflicts: 1 }).commit();
    expect(log).toEqual([
      "setup",
      "transactors",
      "afterLoad 0",
      "setter",
      "beforeSave 1",
      "afterLoad 10",
      "setter",
      "beforeSave 11",
      "applySubtransactions",
      "save",
      "beforeSave of the row done",
    ]);
  });

  test("D29: with writeAhead the row is saved twice, before the first target and at the end", async () => {
    class Announced extends Adding {
      static override writeAhead = true;
    }
    const { id } = await watched();
    await new Announced({ requester: unique(), to: id }).commit();
    expect(log).toEqual([
      "setup",
      "save",
      "beforeSave of the row pending",
      "transactors",
      "afterLoad 0",
      "setter",
      "beforeSave 1",
      "applySubtransactions",
      "save",
      "beforeSave of the row done",
    ]);
  });

  test("D29: a hook of the target that throws ends the commit before anything is written; of a transient one, no row's hook runs", async () => {
    const { id } = await watched();
    const failure = new Error("not this one");
    class Vetoed extends Watched {
      static override beforeSave(): never {
        throw failure;
      }
    }
    class Trying extends Adding {
      override transactors() {
        return [transactor(Vetoed.at(this.to), (vetoed) => void (vetoed.balance += 1))];
      }
    }
    const trying = new Trying({ requester: unique(), to: id });
    await expect(trying.commit()).rejects.toBe(failure);
    expect(trying.status).toBe("pending");
    expect((await Watched.get(id)).balance).toBe(0);

    log.length = 0;
    const silent = new Adding({ requester: unique(), to: id });
    silent.transient = true;
    await silent.commit();
    expect(log.filter((line) => line.includes("row"))).toEqual([]);
  });

  test("D29: timestamps are kept: created stays, updated moves with the transaction's clock", async () => {
    const made = await watched();
    const later = Date.parse("2040-01-01T00:00:00.000Z");
    const connection = database.connect({ clock: { now: () => later, sleep: () => Promise.resolve() } });
    const Later = Watched.on(connection);
    class Touching extends Adding {
      override transactors() {
        return [transactor(Later.at(this.to), (touched) => void (touched.balance += 1))];
      }
    }
    await new Touching({ requester: unique(), to: made.id }).commit();
    const touched = await Watched.get(made.id);
    expect(touched.createdAt).toEqual(made.createdAt);
    expect(touched.updatedAt).toEqual(new Date(later));
  });
});

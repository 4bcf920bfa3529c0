import { DynamoDBModel, ItemNotFoundError, OverwriteError, SchemaError, ValidationError } from "dynatx";
import { beforeEach, expect, it } from "vitest";
import { z } from "zod";
import { describeOnBoth } from "../support/databases.js";
import { rawTable } from "../support/raw-table.js";
import type { RawTable } from "../support/raw-table.js";

let tables = 0;

/** A model with a table, and so with a sequence, of its own. */
function numberedModel() {
  return class Ticket extends DynamoDBModel.define({
    table: `tickets-${++tables}`,
    hashKey: "number",
    autoIncrement: true,
    schema: z.object({ number: z.number().int(), title: z.string().min(1) }),
  }) {};
}

describeOnBoth("auto-increment", (database) => {
  let Ticket: ReturnType<typeof numberedModel>;
  let raw: RawTable;

  beforeEach(async () => {
    const Model = numberedModel();
    await database.connection.createTable(Model, { waitForActive: true });
    Ticket = Model.on(database.connection);
    raw = rawTable(database.connection, `tickets-${tables}`);
  });

  it("D17: 50 concurrent first saves give 50 distinct keys from 1", async () => {
    const all = Array.from({ length: 50 }, (_, n) => new Ticket({ title: `t${n}` }));
    await Promise.all(all.map((ticket) => ticket.save()));
    const given = all.map(({ number }) => number).toSorted((a, b) => a - b);
    expect(given).toEqual(Array.from({ length: 50 }, (_, n) => n + 1));
    const stored = await Ticket.getBatch(given);
    expect(new Set(stored.map((ticket) => ticket?.title)).size).toBe(50);
    expect(await Ticket.scan().toArray()).toHaveLength(50); // the counter does not show
  });

  it("D17: the key is unset until the first save, and stays the same afterwards", async () => {
    const ticket = new Ticket({ title: "a" });
    expect(ticket.number).toBeUndefined();
    await ticket.save({ raiseOnConflict: true });
    expect(ticket.number).toBe(1);
    ticket.title = "b";
    await ticket.save({ raiseOnConflict: true });
    expect((await Ticket.get(1)).title).toBe("b");
    expect(await Ticket.scan().toArray()).toHaveLength(1);
  });

  it("D17: an explicit key is allowed and is not counted", async () => {
    await new Ticket({ number: 7, title: "seven" }).save();
    const next = new Ticket({ title: "first" });
    await next.save();
    expect(next.number).toBe(1);
    expect((await Ticket.get(7)).title).toBe("seven");
    await expect(new Ticket({ number: 7, title: "again" }).save({ raiseOnConflict: true })).rejects.toThrow(
      OverwriteError,
    );
  });

  it("D17: a stolen number is skipped, by a plain save too, and its item stays as it is", async () => {
    await new Ticket({ number: 1, title: "mine" }).save();
    await raw.put({ number: { N: "2" }, title: { S: "by another program" } });
    const ticket = new Ticket({ title: "new" });
    await ticket.save();
    expect(ticket.number).toBe(3);
    expect((await Ticket.get(1)).title).toBe("mine");
    expect((await Ticket.get(2)).title).toBe("by another program");
  });

  it("D17: saving, changing or deleting key -1 is a SchemaError, and the sequence goes on", async () => {
    await new Ticket({ title: "one" }).save();
    const counter = new Ticket({ number: -1, title: "counter" });
    await expect(counter.save()).rejects.toThrow(SchemaError);
    await expect(counter.save({ raiseOnConflict: true })).rejects.toThrow(SchemaError);
    await expect(counter.delete()).rejects.toThrow(SchemaError);
    await expect(Ticket.update(-1, { title: "x" })).rejects.toThrow(SchemaError);
    await expect(Ticket.batchWrite({ put: [counter] })).rejects.toMatchObject({ cause: expect.any(SchemaError) });
    await expect(Ticket.batchWrite({ put: [counter] }, { bulk: true })).rejects.toThrow(SchemaError);
    await expect(Ticket.batchWrite({ delete: [-1] })).rejects.toThrow(SchemaError);
    await expect(Ticket.batchWrite({ delete: [-1] }, { bulk: true })).rejects.toThrow(SchemaError);
    await expect(Ticket.get(-1)).rejects.toThrow(ItemNotFoundError);
    const next = new Ticket({ title: "two" });
    await next.save();
    expect(next.number).toBe(2);
  });

  it("D17: the counter is one item at key -1 and is not in scans", async () => {
    await new Ticket({ title: "a" }).save();
    expect(await raw.get({ number: { N: "-1" } })).toMatchObject({ number: { N: "-1" } });
    expect((await Ticket.scan().toArray()).map(({ number }) => number)).toEqual([1]);
  });

  it("D17: an instance that does not fit the schema spends no number", async () => {
    const ticket = new Ticket({ title: "a" });
    ticket.title = "";
    await expect(ticket.save()).rejects.toThrow(ValidationError);
    expect(ticket.number).toBeUndefined();
    expect(await raw.get({ number: { N: "-1" } })).toBeUndefined();
  });

  it("D17: a batch numbers what it saves, bulk too", async () => {
    const put = ["a", "b", "c"].map((title) => new Ticket({ title }));
    await Ticket.batchWrite({ put });
    await Ticket.batchWrite({ put: [new Ticket({ title: "d" })] }, { bulk: true });
    const numbers = (await Ticket.scan().toArray()).map(({ number }) => number);
    expect(numbers.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4]);
  });

  it("D17: bigint keys are numbered as bigints", async () => {
    class Big extends DynamoDBModel.define({
      table: `big-tickets`,
      hashKey: "number",
      autoIncrement: true,
      schema: z.object({ number: z.bigint() }),
    }) {}
    await database.connection.ensureTable(Big);
    const big = new (Big.on(database.connection))({});
    await big.save();
    expect(typeof big.number).toBe("bigint");
  });
});

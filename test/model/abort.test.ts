import { BatchWriteError, DynamoDBModel, systemClock } from "dynatx";
import type { Clock } from "dynatx";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { useDatabase } from "../support/databases.js";
import { faultyClient } from "../support/faults.js";
import type { FaultPlan } from "../support/faults.js";
import { transactionInFlight } from "../support/in-flight.js";
import { rawTable } from "../support/raw-table.js";

class Entry extends DynamoDBModel.define({
  table: "abort-entries",
  hashKey: "log",
  rangeKey: "line",
  schema: z.object({ log: z.string(), line: z.number(), note: z.string().default("") }),
}) {}

class Ticket extends DynamoDBModel.define({
  table: "abort-tickets",
  hashKey: "number",
  autoIncrement: true,
  schema: z.object({ number: z.number() }),
}) {}

const reason = new Error("the user left");
const aborted = (): { signal: AbortSignal } => ({ signal: AbortSignal.abort(reason) });

describe("AbortSignal", () => {
  const database = useDatabase();
  const entries = () => Entry.on(database.connection);

  beforeAll(async () => {
    for (const model of [Entry, Ticket]) await database.connection.createTable(model, { waitForActive: true });
  });

  /** The model on a connection that lists what it sends. */
  function counted(plan: FaultPlan = () => undefined) {
    const { client, sent } = faultyClient(database.endpoint, plan);
    const connection = database.connect({ client });
    return { Model: Entry.on(connection), Tickets: Ticket.on(connection), sent };
  }

  it("D27: aborted before, every call rejects with the signal's reason and sends nothing", async () => {
    const saved = new (entries())({ log: "before", line: 1 });
    await saved.save();
    const { Model, Tickets, sent } = counted();
    const read = await Model.get("before", 1);
    sent.length = 0;
    const calls: (() => Promise<unknown>)[] = [
      () => Model.get("before", 1, aborted()),
      () => Model.find("before", 1, aborted()),
      () => Model.getBatch([["before", 1]], aborted()),
      () => Model.query("before", aborted()).toArray(),
      () => Model.query("before", aborted()).first(),
      () => Model.scan(aborted()).toArray(),
      () => Model.update("before", 1, { note: "x" }, aborted()),
      () => new Model({ log: "before", line: 2 }).save(aborted()),
      () => read.save(aborted()),
      () => read.save({ raiseOnConflict: true, ...aborted() }),
      () => read.delete(aborted()),
      () => read.reload(aborted()),
      () => Model.batchWrite({ put: [new Model({ log: "before", line: 3 })] }, { bulk: true, ...aborted() }),
      () => new Tickets({}).save(aborted()),
    ];
    for (const call of calls) await expect(call(), String(call)).rejects.toBe(reason);
    expect(sent).toEqual([]);
    expect((await entries().query("before").toArray()).map(({ line }) => line)).toEqual([1]);
  });

  it("D27: a get is stopped while it is under way", async () => {
    const controller = new AbortController();
    const { Model } = counted(() => {
      controller.abort(reason);
      return undefined;
    });
    await expect(Model.get("under way", 1, { signal: controller.signal })).rejects.toBe(reason);
  });

  it("D27: a save that was sent is waited for, and its success stands", async () => {
    const controller = new AbortController();
    const { Model, sent } = counted(() => {
      controller.abort(reason);
      return undefined;
    });
    const entry = new Model({ log: "sent", line: 1 });
    await entry.save({ signal: controller.signal, raiseOnConflict: true });
    expect(sent).toEqual(["PutItem"]);
    expect(await entries().find("sent", 1)).toBeDefined();
    await entry.save({ raiseOnConflict: true }); // the instance knows what is stored
  });

  it("D27: a query is stopped between pages; what came before is there", async () => {
    const Bound = entries();
    await Bound.batchWrite({ put: [1, 2, 3, 4].map((line) => new Bound({ log: "pages", line })) });
    const controller = new AbortController();
    const { Model, sent } = counted();
    const lines: number[] = [];
    const reading = async (): Promise<void> => {
      for await (const { line } of Model.query("pages", { pageSize: 2, signal: controller.signal })) {
        lines.push(line);
        if (line === 2) controller.abort(reason);
      }
    };
    await expect(reading()).rejects.toBe(reason);
    expect(lines).toEqual([1, 2]);
    expect(sent).toEqual(["Query"]);
  });

  /** A clock on which the first wait is the moment at which the user leaves. */
  function leavingClock(controller: AbortController): Clock {
    return {
      now: () => systemClock.now(),
      sleep(ms, signal) {
        controller.abort(reason);
        return systemClock.sleep(ms, signal);
      },
    };
  }
  const aMinute = { baseMs: 60_000, capMs: 60_000 };

  it("D27: a save and an update that wait for a transaction in flight are stopped while they wait", async () => {
    const raw = rawTable(database.connection, "abort-entries");
    const { intent } = await transactionInFlight(database.connection, { living: true });
    const held = { log: { S: "held" }, line: { N: "1" }, _tx: intent };
    await raw.put(held);
    const calls = [
      (Model: typeof Entry, options: object) => new Model({ log: "held", line: 1, note: "mine" }).save(options),
      (Model: typeof Entry, options: object) => Model.update("held", 1, { note: "mine" }, options),
    ];
    for (const call of calls) {
      const controller = new AbortController();
      const Model = Entry.on(database.connect({ clock: leavingClock(controller), conflictBackoff: aMinute }));
      await expect(call(Model, { signal: controller.signal })).rejects.toBe(reason);
    }
    expect(await raw.get({ log: { S: "held" }, line: { N: "1" } })).toEqual(held);
  });

  it("D27: a write that is throttled is stopped while it waits to be sent again", async () => {
    const controller = new AbortController();
    const { client, sent } = faultyClient(database.endpoint, () => "throttle");
    const Model = Entry.on(database.connect({ client, clock: leavingClock(controller), sendBackoff: aMinute }));
    const save = new Model({ log: "throttled", line: 1 }).save({ signal: controller.signal });
    await expect(save).rejects.toBe(reason);
    expect(sent).toEqual(["PutItem", "PutItem"]); // the first repetition is immediate
  });

  it.each([
    ["batch", 40, {}],
    ["bulk", 2, { bulk: true }],
  ])("D27: an aborted %s reports what was written and what was not", async (log, aborting, options) => {
    const controller = new AbortController();
    let sends = 0;
    const { Model } = counted(() => {
      if (++sends === aborting) controller.abort(reason);
      return undefined;
    });
    const put = Array.from({ length: 200 }, (_, line) => new Model({ log, line }));
    const batch = Model.batchWrite({ put }, { ...options, signal: controller.signal });
    const error = await batch.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(BatchWriteError);
    // True: asserted above.
    const { written, failures, cause } = error as BatchWriteError;
    expect(cause).toBe(reason);
    expect(written).toBe((await entries().query(log).toArray()).length);
    expect(written).toBeGreaterThanOrEqual(40);
    expect(written).toBeLessThan(200);
    expect(written + failures.length).toBe(200);
    for (const { key } of failures)
      expect(await entries().find(String(key["log"]), Number(key["line"]))).toBeUndefined();
  });

  it("D27: tables: creating is stopped", async () => {
    const { Model } = counted();
    await expect(database.connection.createTable(Model, aborted())).rejects.toThrow();
  });
});

import { AmbiguousWriteError, ConflictError, add } from "dynatx";
import type { FaultProxy, PlannedFault } from "dynatx/testing";
import { expect, test } from "vitest";
import { clientOf, describeOnBoth } from "../support/databases.js";
import { unique } from "../transaction/bank.js";
import { Counter, keyOf, late, proxyBefore, rawCounters, useFaultTables, writesMeet } from "./ground.js";

describeOnBoth("X1: saves in doubt, and doubt upon doubt", (database) => {
  useFaultTables(database);

  const through = (...faults: readonly (PlannedFault | undefined)[]): Promise<FaultProxy> =>
    proxyBefore(database, { plan: writesMeet(...faults) });

  async function counter(count = 0): Promise<string> {
    const id = unique();
    await new (Counter.on(database.connection))({ id, count }).save();
    return id;
  }

  const stored = (id: string): Promise<Counter | undefined> => Counter.on(database.connection).find(id);

  test("X1: every send of a save may meet a fault: it is looked for each time", async () => {
    const id = await counter();
    const proxy = await through("loseRequest", late, "throttle", "cutReply");
    const instance = await Counter.on(proxy.connection).get(id);
    instance.count++;
    await instance.save({ raiseOnConflict: true });
    await proxy.deliverNow();
    expect((await stored(id))?.count).toBe(1);
    expect(proxy.requests.get("UpdateItem")).toBe(4);
  });

  test("X1: a write that was not applied and has lost to another is a conflict, decided by the list of ids", async () => {
    const id = await counter();
    const proxy = await proxyBefore(database, {
      plan: ({ operation }) => (operation === "UpdateItem" ? "loseReply" : undefined),
    });
    const instance = await Counter.on(proxy.connection).get(id);
    const other = await Counter.on(database.connection).get(id);
    other.count = 10;
    await other.save({ raiseOnConflict: true });
    instance.count = 1;
    await expect(instance.save({ raiseOnConflict: true })).rejects.toThrow(ConflictError);
    expect((await stored(id))?.count).toBe(10);
  });

  test("X1: the network may repeat a write: it is applied once, an update without a read too", async () => {
    const id = await counter();
    const proxy = await proxyBefore(database, { plan: () => ({ fault: "duplicate", delayMs: 600_000 }) });
    const Counters = Counter.on(proxy.connection);
    const instance = await Counters.get(id);
    instance.count++;
    await instance.save({ raiseOnConflict: true });
    await Counters.update(id, { count: add(1) });
    await new Counters({ id: `${id}-new`, count: 1 }).save({ raiseOnConflict: true });
    await proxy.deliverNow();
    expect((await stored(id))?.count).toBe(2);
    expect((await stored(`${id}-new`))?.count).toBe(1);
  });

  test("X1: the item in doubt cannot be looked at: ambiguous, after some looks", async () => {
    const id = await counter();
    const broken = await proxyBefore(database);
    const instance = await Counter.on(broken.connection).get(id);
    broken.setRates({ loseReply: 1 });
    instance.count++;
    await expect(instance.save({ raiseOnConflict: true })).rejects.toThrow(AmbiguousWriteError);
    expect(broken.requests.get("UpdateItem")).toBe(1);
    expect(broken.requests.get("GetItem")).toBeGreaterThan(4);
    expect((await stored(id))?.count).toBe(1);
  });

  test("X1: looks that fail are repeated, beyond the client's own retries", async () => {
    const id = await counter();
    const writes = writesMeet("loseReply");
    let [sent, looks] = [false, 0];
    const proxy = await proxyBefore(database, {
      plan: (request) => {
        sent ||= request.operation === "UpdateItem";
        return sent && request.operation === "GetItem" && looks++ < 5 ? "loseRequest" : writes(request);
      },
    });
    const instance = await Counter.on(proxy.connection).get(id);
    instance.count++;
    await instance.save({ raiseOnConflict: true });
    expect(looks).toBe(6);
    expect((await stored(id))?.count).toBe(1);
  });

  test("X1: something on the way sends each request twice and passes on the second answer: applied, no conflict", async () => {
    const client = clientOf(database.endpoint);
    const handler = client.config.requestHandler;
    const handle = handler.handle.bind(handler);
    handler.handle = async (...args) => {
      await handle(...args);
      return handle(...args);
    };
    const Counters = Counter.on(database.connect({ client }));
    const instance = new Counters({ id: unique() });
    await instance.save({ raiseOnConflict: true });
    instance.count++;
    await instance.save({ raiseOnConflict: true });
    const updated = await Counters.update(instance.id, { count: add(1) });
    expect(updated.count).toBe(2);
    expect((await stored(instance.id))?.count).toBe(2);
    client.destroy();
  });

  test("X6: an item last written without write ids: a lost reply is found all the same, and a change detected", async () => {
    const id = unique();
    const raw = rawCounters(database);
    await raw.put({ ...keyOf(id), count: { N: "1" } });
    const proxy = await through("loseReply");
    const instance = await Counter.on(proxy.connection).get(id);
    instance.count = 2;
    await instance.save({ raiseOnConflict: true });
    await raw.put({ ...keyOf(id), count: { N: "5" } });
    instance.count = 3;
    await expect(instance.save({ raiseOnConflict: true })).rejects.toThrow(ConflictError);
    expect((await stored(id))?.count).toBe(5);
  });
});

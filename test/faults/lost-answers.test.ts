import { AmbiguousWriteError, add, connect, eq } from "dynatx";
import type { FaultProxy, PlannedFault } from "dynatx/testing";
import { describe, expect, test } from "vitest";
import { describeOnBoth } from "../support/databases.js";
import { failureOf, unique } from "../transaction/bank.js";
import { Counter, Increment, Ticket, late, proxyBefore, useFaultTables, writesMeet } from "./ground.js";

/** Faults after which the write was applied, or is not and can be sent again. */
const lossy: readonly (readonly [string, PlannedFault])[] = [
  ["the reply was lost", "loseReply"],
  ["the reply was cut off", "cutReply"],
  ["the request was lost", "loseRequest"],
  ["the request comes later", late],
];
/** Those after which it was applied. */
const executed = lossy.slice(0, 2);

describeOnBoth("X3: one write whose answer does not come", (database) => {
  useFaultTables(database);

  const through = (...faults: readonly (PlannedFault | undefined)[]): Promise<FaultProxy> =>
    proxyBefore(database, { plan: writesMeet(...faults) });

  async function counter(count = 0): Promise<string> {
    const id = unique();
    await new (Counter.on(database.connection))({ id, count }).save();
    return id;
  }

  const stored = (id: string): Promise<Counter | undefined> => Counter.on(database.connection).find(id);

  describe.each(lossy)("%s", (_, fault) => {
    test("X1: a conditional save succeeds, once, and the instance can be saved again", async () => {
      const id = await counter();
      const proxy = await through(fault);
      const instance = await Counter.on(proxy.connection).get(id);
      instance.count++;
      await instance.save({ raiseOnConflict: true });
      await proxy.deliverNow();
      expect((await stored(id))?.count).toBe(1);
      instance.count++;
      await instance.save({ raiseOnConflict: true });
      expect((await stored(id))?.count).toBe(2);
    });

    test("X5: an overwrite of what was read, and of what others changed since", async () => {
      const id = await counter();
      const proxy = await through(fault, fault);
      const instance = await Counter.on(proxy.connection).get(id);
      await Counter.on(database.connection).update(id, { count: 7 });
      instance.count = 1;
      // The others' update has cut the history, so that nothing tells what became of the first write.
      await expect(instance.save()).rejects.toThrow(AmbiguousWriteError);
      const fresh = await Counter.on(proxy.connection).get(id);
      fresh.count = 2;
      await fresh.save();
      await proxy.deliverNow();
      expect((await stored(id))?.count).toBe(2);
    });

    test("X5: a delete without raiseOnConflict: gone is success", async () => {
      const id = await counter();
      const proxy = await through(fault);
      const instance = await Counter.on(proxy.connection).get(id);
      await instance.delete();
      expect(await stored(id)).toBeUndefined();
      await new (Counter.on(database.connection))({ id, count: 9 }).save();
      await proxy.deliverNow();
      expect((await stored(id))?.count).toBe(9);
    });

    test("X5: batchWrite: each of its writes", async () => {
      const [kept, gone] = [await counter(), await counter()];
      const proxy = await through(fault, fault);
      const instance = await Counter.on(proxy.connection).get(kept);
      instance.count = 4;
      await Counter.on(proxy.connection).batchWrite({ put: [instance], delete: [gone] });
      await proxy.deliverNow();
      expect((await stored(kept))?.count).toBe(4);
      expect(await stored(gone)).toBeUndefined();
    });

    test("X5: the audit row, also where it was written ahead", async () => {
      const id = await counter();
      for (const writeAhead of [false, true]) {
        const [target, row] = [undefined, fault];
        const proxy = await through(...(writeAhead ? [row, target, row] : [target, row]));
        connect(proxy.connection); // for the getter
        class Audited extends Increment {
          static override writeAhead = writeAhead;
        }
        const increment = new (Audited.on(proxy.connection))({ counterId: id });
        await increment.commit();
        await proxy.deliverNow();
        expect(increment.status).toBe("done");
        expect(Object.values(proxy.counts).reduce((sum, n) => sum + n)).toBe(writeAhead ? 2 : 1);
      }
      const rows = await Increment.on(database.connection).query(id, { consistent: true }).toArray();
      expect(rows.map(({ status }) => status)).toEqual(["done", "done"]);
      expect((await stored(id))?.count).toBe(2);
    });

    test("X5: autoIncrement: a number may be skipped, and none is used twice", async () => {
      const proxy = await through(fault, undefined, undefined, fault, fault, undefined, undefined);
      const subject = unique();
      const Tickets = Ticket.on(proxy.connection);
      const tickets = [new Tickets({ subject }), new Tickets({ subject }), new Tickets({ subject })];
      for (const ticket of tickets) await ticket.save();
      await proxy.deliverNow();
      expect(Object.values(proxy.counts).reduce((sum, n) => sum + n)).toBe(3);
      const saved = await Ticket.on(database.connection)
        .scan({ consistent: true, filter: { subject: eq(subject) } })
        .toArray();
      expect(saved.map(({ number }) => number).toSorted((a, b) => a - b)).toEqual(tickets.map(({ number }) => number));
    });
  });

  describe.each(executed)("%s", (_, fault) => {
    test("X5: a create with raiseOnConflict, and one without", async () => {
      for (const options of [{ raiseOnConflict: true }, {}]) {
        const id = unique();
        const proxy = await through(fault);
        const instance = new (Counter.on(proxy.connection))({ id, count: 3 });
        await instance.save(options);
        instance.count++;
        await instance.save({ raiseOnConflict: true });
        expect((await stored(id))?.count).toBe(4);
      }
    });

    test("X5: an update without a read", async () => {
      const id = await counter();
      const proxy = await through(fault);
      const updated = await Counter.on(proxy.connection).update(id, { count: add(5) });
      expect(updated.count).toBe(5);
      expect((await stored(id))?.count).toBe(5);
      expect(proxy.requests.get("UpdateItem")).toBe(1);
    });

    test("X5: a delete with raiseOnConflict is ambiguous: somebody else may have deleted the item", async () => {
      const id = await counter();
      const proxy = await through(fault);
      const instance = await Counter.on(proxy.connection).get(id);
      const error = await failureOf(instance.delete({ raiseOnConflict: true }));
      expect(error).toBeInstanceOf(AmbiguousWriteError);
      expect(error).toMatchObject({ key: { id }, cause: { code: "ECONNRESET" } });
      expect(await stored(id)).toBeUndefined();
    });
  });

  test("X5: a delete with raiseOnConflict whose request was lost deletes", async () => {
    const id = await counter();
    const proxy = await through("loseRequest");
    await (await Counter.on(proxy.connection).get(id)).delete({ raiseOnConflict: true });
    expect(await stored(id)).toBeUndefined();
  });

  test("X5: an update whose request was lost is ambiguous, and never sent again", async () => {
    const id = await counter();
    const proxy = await through("loseRequest");
    await expect(Counter.on(proxy.connection).update(id, { count: add(5) })).rejects.toThrow(AmbiguousWriteError);
    expect(proxy.requests.get("UpdateItem")).toBe(1);
    expect((await stored(id))?.count).toBe(0);
  });

  test("X5: a create whose request was lost is ambiguous: it may have been created and deleted", async () => {
    const id = unique();
    const proxy = await through("loseRequest");
    const instance = new (Counter.on(proxy.connection))({ id });
    await expect(instance.save({ raiseOnConflict: true })).rejects.toThrow(AmbiguousWriteError);
    expect(proxy.requests.get("PutItem")).toBe(1);
    await instance.save({ raiseOnConflict: true }); // the caller's decision
    expect(await stored(id)).toBeDefined();
  });

  test("X5: a delete of an item that was not read leaves in doubt what may be a newer item", async () => {
    const id = await counter(3);
    const proxy = await through("loseReply");
    const unread = new (Counter.on(proxy.connection))({ id });
    await expect(unread.delete()).rejects.toThrow(AmbiguousWriteError);
    expect((await stored(id))?.count).toBe(3);
  });
});

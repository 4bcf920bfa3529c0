import { AmbiguousWriteError, ConflictError } from "dynatx";
import type { FaultProxy, FaultProxyOptions, PlannedFault } from "dynatx/testing";
import { describe, expect, test } from "vitest";
import { describeOnBoth } from "../support/databases.js";
import { unique } from "../transaction/bank.js";
import { Counter, keyOf, late, proxyBefore, rawCounters, useFaultTables, writesMeet } from "./ground.js";

describeOnBoth("X2: requests that arrive long after", (database) => {
  useFaultTables(database);

  async function counter(count = 0): Promise<string> {
    const id = unique();
    await new (Counter.on(database.connection))({ id, count }).save();
    return id;
  }

  const stored = (id: string): Promise<Counter | undefined> => Counter.on(database.connection).find(id);

  /** Changes a counter by saves of another client, each an entry in the list of write ids. */
  async function changeOften(id: string, times: number): Promise<void> {
    const other = await Counter.on(database.connection).get(id);
    for (let n = 0; n < times; n++) {
      other.count += 100;
      await other.save({ raiseOnConflict: true });
    }
  }

  /** A proxy on which something happens between the first write and the first look at the item. */
  async function beforeTheLook(fault: PlannedFault, happens: () => Promise<void>): Promise<FaultProxy> {
    const sent = writesMeet(fault);
    let waiting: Promise<void> | undefined;
    const plan: FaultProxyOptions["plan"] = (request) => {
      const met = sent(request);
      if (met !== undefined) waiting = Promise.resolve();
      return met;
    };
    const proxy = await proxyBefore(database, { plan });
    const client = proxy.client;
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName === "GetItemCommand" && waiting !== undefined) {
            waiting = undefined;
            await happens();
          }
          return next(args);
        },
      { step: "initialize", name: "beforeTheLook" },
    );
    return proxy;
  }

  test("X2: a save that arrives after a later write of the same instance has no effect", async () => {
    const id = await counter();
    const proxy = await proxyBefore(database, { plan: writesMeet(late) });
    const instance = await Counter.on(proxy.connection).get(id);
    instance.count = 1;
    await instance.save({ raiseOnConflict: true });
    instance.count = 2;
    await instance.save({ raiseOnConflict: true });
    await proxy.deliverNow();
    expect((await stored(id))?.count).toBe(2);
  });

  test("X2: a save that another overtook is a conflict, and lands no more", async () => {
    const id = await counter();
    const proxy = await beforeTheLook(late, () => changeOften(id, 3));
    const instance = await Counter.on(proxy.connection).get(id);
    instance.count = 1;
    await expect(instance.save({ raiseOnConflict: true })).rejects.toThrow(ConflictError);
    await proxy.deliverNow();
    expect((await stored(id))?.count).toBe(300);
  });

  test("X2: an overwrite that another overtook goes after it, and its late first request lands no more", async () => {
    const id = await counter();
    const proxy = await beforeTheLook(late, () => changeOften(id, 3));
    const instance = await Counter.on(proxy.connection).get(id);
    instance.count = 1;
    await instance.save();
    expect((await stored(id))?.count).toBe(1);
    await changeOften(id, 1);
    await proxy.deliverNow();
    expect((await stored(id))?.count).toBe(101);
  });

  test("X2: a delete that arrives after the item was created again has no effect", async () => {
    const id = await counter();
    const proxy = await beforeTheLook(late, async () => {
      await (await Counter.on(database.connection).get(id)).delete();
      await new (Counter.on(database.connection))({ id, count: 5 }).save();
    });
    const instance = await Counter.on(proxy.connection).get(id);
    await expect(instance.delete()).rejects.toThrow(AmbiguousWriteError);
    await proxy.deliverNow();
    expect((await stored(id))?.count).toBe(5);
  });

  test("X2: a create that arrives after another has created the item has no effect", async () => {
    const id = unique();
    const proxy = await beforeTheLook(late, async () => {
      await new (Counter.on(database.connection))({ id, count: 5 }).save();
    });
    const instance = new (Counter.on(proxy.connection))({ id });
    await expect(instance.save({ raiseOnConflict: true })).rejects.toThrow(AmbiguousWriteError);
    await proxy.deliverNow();
    expect((await stored(id))?.count).toBe(5);
  });

  describe.each(["loseReply", "loseRequest"] as const)("X4: %s", (fault) => {
    test("X4: fewer later writes than the history is deep: the save is found, or known to be lost", async () => {
      const id = await counter();
      const proxy = await beforeTheLook(fault, () => changeOften(id, 7));
      const instance = await Counter.on(proxy.connection).get(id);
      instance.count = 1;
      const outcome = await instance.save({ raiseOnConflict: true }).catch((error: unknown) => error);
      if (fault === "loseReply") expect(outcome).toBeUndefined();
      else expect(outcome).toBeInstanceOf(ConflictError);
      expect((await stored(id))?.count).toBe(fault === "loseReply" ? 701 : 700);
    });

    test("X4: more later writes than the history is deep: ambiguous, and not sent again", async () => {
      const id = await counter();
      const proxy = await beforeTheLook(fault, () => changeOften(id, 9));
      const instance = await Counter.on(proxy.connection).get(id);
      instance.count = 1;
      await expect(instance.save({ raiseOnConflict: true })).rejects.toThrow(AmbiguousWriteError);
      expect(proxy.requests.get("UpdateItem")).toBe(1);
      expect((await stored(id))?.count).toBe(fault === "loseReply" ? 901 : 900);
    });

    test("X4: an update without a read cuts the history: ambiguous", async () => {
      const id = await counter();
      const proxy = await beforeTheLook(fault, async () => {
        await Counter.on(database.connection).update(id, { note: "cut" });
      });
      const instance = await Counter.on(proxy.connection).get(id);
      instance.count = 1;
      await expect(instance.save({ raiseOnConflict: true })).rejects.toThrow(AmbiguousWriteError);
      expect(proxy.requests.get("UpdateItem")).toBe(1);
    });
  });

  test("X9: created, reply lost, deleted by another: ambiguous, not resurrected", async () => {
    const id = unique();
    const proxy = await beforeTheLook("loseReply", async () => {
      await (await Counter.on(database.connection).get(id)).delete();
    });
    const instance = new (Counter.on(proxy.connection))({ id });
    await expect(instance.save({ raiseOnConflict: true })).rejects.toThrow(AmbiguousWriteError);
    expect(await stored(id)).toBeUndefined();
    expect(proxy.requests.get("PutItem")).toBe(1);
  });

  test("X9: saved, reply lost, deleted by another: ambiguous, not resurrected", async () => {
    const id = await counter();
    const proxy = await beforeTheLook("loseReply", async () => {
      await (await Counter.on(database.connection).get(id)).delete();
    });
    const instance = await Counter.on(proxy.connection).get(id);
    instance.count = 1;
    await expect(instance.save({ raiseOnConflict: true })).rejects.toThrow(AmbiguousWriteError);
    expect(await stored(id)).toBeUndefined();
  });

  test.each([
    ["with write ids", true],
    ["without", false],
  ])("X9: a foreign change, and back again, around a late save: it never lands (item %s)", async (_, withIds) => {
    const id = withIds ? await counter() : unique();
    const raw = rawCounters(database);
    if (!withIds) await raw.put({ ...keyOf(id), count: { N: "0" } });
    const proxy = await beforeTheLook(late, () => raw.set(keyOf(id), "count", { N: "50" }));
    const instance = await Counter.on(proxy.connection).get(id);
    instance.note = "late";
    await expect(instance.save({ raiseOnConflict: true })).rejects.toThrow(ConflictError);
    await raw.set(keyOf(id), "count", { N: "0" });
    await proxy.deliverNow();
    expect(await stored(id)).toMatchObject({ count: 0, note: undefined });
  });

  test("X9: a foreign change around a late delete: a conflict, and it never lands", async () => {
    const id = await counter();
    const raw = rawCounters(database);
    const proxy = await beforeTheLook(late, () => raw.set(keyOf(id), "count", { N: "50" }));
    const instance = await Counter.on(proxy.connection).get(id);
    await expect(instance.delete({ raiseOnConflict: true })).rejects.toThrow(ConflictError);
    await raw.set(keyOf(id), "count", { N: "0" });
    await proxy.deliverNow();
    expect((await stored(id))?.count).toBe(0);
  });
});

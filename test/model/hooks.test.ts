import { ConflictError, DynamoDBModel, ValidationError } from "dynatx";
import type { Clock, ModelInstance } from "dynatx";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { useDatabase } from "../support/databases.js";

const calls: string[] = [];

class Player extends DynamoDBModel.define({
  table: "hooks-players",
  hashKey: "id",
  timestamps: true,
  schema: z.object({ id: z.string(), name: z.string().min(2), score: z.number().default(0) }),
}) {
  static override async beforeSave(player: ModelInstance) {
    await Promise.resolve();
    if (player instanceof Player) {
      calls.push(`beforeSave ${player.name}`);
      player.name = player.name.trim();
    }
  }

  static override afterLoad(player: ModelInstance) {
    if (player instanceof Player) calls.push(`afterLoad ${player.name}`);
  }
}

class Renamed extends DynamoDBModel.define({
  table: "hooks-renamed",
  hashKey: "id",
  timestamps: { updatedAt: "changed" },
  schema: z.object({ id: z.string() }),
}) {}

/** A clock that stands still until it is set. */
class SetClock implements Clock {
  #ms = Date.UTC(2026, 0, 1);
  now = () => this.#ms;
  sleep = () => Promise.resolve();

  set(day: number): Date {
    this.#ms = Date.UTC(2026, 0, day);
    return new Date(this.#ms);
  }
}

describe("timestamps and hooks", () => {
  const database = useDatabase();
  const clock = new SetClock();
  let Bound: typeof Player;

  beforeAll(async () => {
    for (const model of [Player, Renamed]) await database.connection.createTable(model, { waitForActive: true });
    Bound = Player.on(database.connect({ clock }));
  });
  beforeEach(() => void calls.splice(0));

  it("D29: createdAt is set by the first save and stays, updatedAt is set by each", async () => {
    const first = clock.set(1);
    const player = new Bound({ id: "stamps", name: "ann" });
    expect([player.createdAt, player.updatedAt]).toEqual([undefined, undefined]);
    await player.save();
    expect([player.createdAt, player.updatedAt]).toEqual([first, first]);
    const second = clock.set(2);
    await player.save({ raiseOnConflict: true });
    expect([player.createdAt, player.updatedAt]).toEqual([first, second]);
    const third = clock.set(3);
    const read = await Bound.get("stamps");
    expect([read.createdAt, read.updatedAt]).toEqual([first, second]);
    await read.save({ raiseOnConflict: true });
    const updated = await Bound.get("stamps");
    expect([updated.createdAt, updated.updatedAt]).toEqual([first, third]);
  });

  it("D29: an update moves updatedAt alone", async () => {
    const first = clock.set(1);
    await new Bound({ id: "update", name: "ann" }).save();
    const second = clock.set(2);
    const player = await Bound.update("update", { score: 1 });
    expect([player.createdAt, player.updatedAt]).toEqual([first, second]);
  });

  it("D29: a save that fails leaves the timestamps as they were", async () => {
    const first = clock.set(1);
    const player = new Bound({ id: "fails", name: "ann" });
    await player.save();
    await Bound.update("fails", { score: 1 });
    clock.set(2);
    await expect(player.save({ raiseOnConflict: true })).rejects.toThrow(ConflictError);
    expect([player.createdAt, player.updatedAt]).toEqual([first, first]);
  });

  it("D29: a new instance over an existing item keeps when that was created", async () => {
    const first = clock.set(1);
    await new Bound({ id: "over", name: "ann" }).save();
    const second = clock.set(2);
    await new Bound({ id: "over", name: "bob" }).save();
    const player = await Bound.get("over");
    expect([player.name, player.createdAt, player.updatedAt]).toEqual(["bob", first, second]);
  });

  it("D29: batches keep timestamps, and an item deleted and saved again is new", async () => {
    const first = clock.set(1);
    const put = [new Bound({ id: "batch1", name: "ann" }), new Bound({ id: "batch2", name: "bob" })];
    await Bound.batchWrite({ put: [put[0]!] });
    await Bound.batchWrite({ put: [put[1]!] }, { bulk: true });
    for (const player of await Bound.getBatch(["batch1", "batch2"]))
      expect([player?.createdAt, player?.updatedAt]).toEqual([first, first]);
    await put[0]!.delete();
    const second = clock.set(2);
    await put[0]!.save();
    expect((await Bound.get("batch1")).createdAt).toEqual(second);
  });

  it("D29: timestamps have the names they are given, or only one is kept", async () => {
    const Other = Renamed.on(database.connect({ clock }));
    const at = clock.set(5);
    const instance = new Other({ id: "a" });
    await instance.save();
    expect((await Other.get("a")).toJSON()).toEqual({ id: "a", changed: at.toISOString() });
  });

  it("D29: beforeSave runs once for each save, before it is validated; what it changes is saved", async () => {
    const player = new Bound({ id: "before", name: " ann " });
    await player.save();
    expect(calls).toEqual(["beforeSave  ann "]);
    expect((await Bound.get("before")).name).toBe("ann");
    calls.length = 0;
    player.name = " a ";
    await expect(player.save()).rejects.toThrow(ValidationError); // as trimmed by the hook
    expect(calls).toEqual(["beforeSave  a "]);
  });

  it("D29: a hook that throws stops the save", async () => {
    class Guarded extends Bound {
      static override beforeSave() {
        return Promise.reject(new Error("not today"));
      }
    }
    await expect(new Guarded({ id: "stopped", name: "ann" }).save()).rejects.toThrow("not today");
    expect(await Bound.find("stopped")).toBeUndefined();
  });

  it("D29: afterLoad runs once for each instance that is read, in order, by every way of reading", async () => {
    for (const name of ["ann", "bob", "cid"]) await new Bound({ id: `load-${name}`, name }).save();
    const keys = ["load-cid", "load-ann", "load-bob"];
    const reads: [() => Promise<unknown>, string[]][] = [
      [() => Bound.get("load-ann"), ["ann"]],
      [() => Bound.find("load-none"), []],
      [() => Bound.getBatch([...keys, "load-none"]), ["cid", "ann", "bob"]],
      [() => Bound.query("load-bob").toArray(), ["bob"]],
      [() => Bound.update("load-bob", { score: 2 }), ["bob"]],
    ];
    for (const [run, names] of reads) {
      calls.length = 0;
      await run();
      expect(calls.toSorted()).toEqual(names.map((name) => `afterLoad ${name}`).toSorted());
      expect(new Set(calls).size).toBe(calls.length);
    }
    calls.length = 0;
    const player = await Bound.get("load-ann");
    await player.reload();
    await player.save();
    await player.delete();
    expect(calls).toEqual(["afterLoad ann", "afterLoad ann", "beforeSave ann"]);
  });

  it("D29: afterLoad is awaited before the instance is handed out, and sees it complete", async () => {
    class Late extends Bound {
      seen: number | undefined;
      static override async afterLoad(player: ModelInstance) {
        await new Promise((resolve) => setImmediate(resolve));
        if (player instanceof Late) player.seen = player.score;
      }
    }
    await new Bound({ id: "late", name: "ann", score: 7 }).save();
    expect((await Late.get("late")).seen).toBe(7);
    for await (const player of Late.query("late")) expect(player.seen).toBe(7);
  });

  it("D29: batchWrite runs beforeSave once for each instance it puts, bulk too", async () => {
    await Bound.batchWrite({ put: [new Bound({ id: "b1", name: "ann" })] });
    await Bound.batchWrite({ put: [new Bound({ id: "b2", name: "bob" })] }, { bulk: true });
    expect(calls).toEqual(["beforeSave ann", "beforeSave bob"]);
  });
});

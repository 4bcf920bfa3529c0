import { randomUUID } from "node:crypto";
import { BatchWriteError, ConflictError, DynamoDBModel, MaxRetriesExceededError, ValidationError } from "dynatx";
import type { ConnectionOptions } from "dynatx";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { useDatabase } from "../support/databases.js";
import { faultyClient } from "../support/faults.js";
import { partialBatches } from "../support/partial-batches.js";
import { longestWaits, patientClock } from "../support/patient-clock.js";
import { shortLease, transactionInFlight } from "../support/in-flight.js";
import { rawTable } from "../support/raw-table.js";

class Entry extends DynamoDBModel.define({
  table: "entries",
  hashKey: "id",
  schema: z.object({ id: z.string(), n: z.number(), note: z.string().optional() }),
}) {}
class Numbered extends DynamoDBModel.define({
  table: "numbered",
  hashKey: "n",
  autoIncrement: true,
  schema: z.object({ n: z.number(), name: z.string() }),
}) {
  static readonly saved: string[] = [];
  static override beforeSave(instance: object): void {
    this.saved.push((instance as Numbered).name);
  }
}

const strict = { raiseOnConflict: true };
const sendBackoff = { baseMs: 50, capMs: 2000 };

describe("batchWrite", () => {
  const database = useDatabase();
  beforeAll(async () => {
    await database.connection.createTable(Entry, { waitForActive: true });
    await database.connection.createTable(Numbered, { waitForActive: true });
  });

  const raw = (): ReturnType<typeof rawTable> => rawTable(database.connection, "entries");
  const bound = (options?: Partial<ConnectionOptions>): typeof Entry =>
    Entry.on(options ? database.connect(options) : database.connection);

  /** New entries with ids of their own, not yet saved. */
  function entries(count: number, model = bound()): Entry[] {
    const batch = randomUUID();
    return Array.from({ length: count }, (_, n) => new model({ id: `${batch} ${n}`, n }));
  }
  const ids = (all: readonly Entry[]): string[] => all.map(({ id }) => id);

  it.each([{}, { bulk: true }])("D14: 1000 puts and deletes, each carried out once (%o)", async (options) => {
    const Bound = bound();
    const old = entries(400);
    await Bound.batchWrite({ put: old }, options);
    const fresh = entries(600);
    await Bound.batchWrite({ put: fresh, delete: ids(old) }, options);
    expect(await Bound.getBatch(ids(fresh))).toEqual(fresh);
    expect((await Bound.getBatch(ids(old))).every((entry) => entry === undefined)).toBe(true);
  });

  it("D14: nothing to do sends nothing", async () => {
    const { client, sent } = faultyClient(database.endpoint, () => undefined);
    await bound({ client }).batchWrite({});
    await bound({ client }).batchWrite({ put: [], delete: [] }, { bulk: true });
    expect(sent).toEqual([]);
  });

  it.each([{}, { bulk: true }])("D14: an instance that was put saves again (%o)", async (options) => {
    const Bound = bound();
    const [entry] = entries(1);
    await Bound.batchWrite({ put: [entry!] }, options);
    for (const n of [2, 3]) {
      entry!.n = n;
      await entry!.save(strict);
    }
    const read = await Bound.get(entry!.id);
    read.n = 4;
    await Bound.batchWrite({ put: [read] }, options);
    await expect(entry!.save(strict)).rejects.toThrow(ConflictError); // it is no longer what it wrote
    await read.delete(strict);
    expect(await Bound.find(entry!.id)).toBeUndefined();
  });

  it("D14: a put is a save: it replaces the item, and keeps attributes outside the schema", async () => {
    const [entry] = entries(1);
    await raw().put({ id: { S: entry!.id }, note: { S: "old" }, foreign: { S: "kept" } });
    await bound().batchWrite({ put: [entry!] });
    const stored = await raw().get({ id: { S: entry!.id } });
    expect(stored).toMatchObject({ n: { N: "0" }, foreign: { S: "kept" } });
    expect(stored).not.toHaveProperty("note");
  });

  it("D14: throttled writes are sent again with back-off, until all are done", async () => {
    const { clock, waits } = patientClock();
    const met = new Map<string, number>();
    const { client, sent } = faultyClient(database.endpoint, (operation, body) => {
      const key = operation + JSON.stringify(body["Item"] ?? body["Key"]);
      met.set(key, (met.get(key) ?? 0) + 1);
      return operation !== "BatchGetItem" && (met.get(key) ?? 0) <= 3 ? "throttle" : undefined;
    });
    const old = entries(10);
    await bound().batchWrite({ put: old });
    const Bound = bound({ client, clock, random: longestWaits(), sendBackoff });
    const fresh = entries(20, Bound);
    await Bound.batchWrite({ put: fresh, delete: ids(old) });
    expect(sent.filter((operation) => operation !== "BatchGetItem")).toHaveLength(30 * 4);
    expect(waits.toSorted((a, b) => a - b)).toEqual([...Array(30).fill(50), ...Array(30).fill(100)]); // the first retry is at once
    expect(await bound().getBatch(ids(fresh))).toEqual(fresh);
    expect(await bound().getBatch(ids(old))).toEqual(old.map(() => undefined));
  });

  it("D14: an item with an intent in flight is not destroyed; the others are written, and the failure names it", async () => {
    const Bound = bound(shortLease);
    const { intent, placeholder } = await transactionInFlight(database.connection, { living: true });
    const [put, erased, absent, ...others] = entries(10, Bound);
    const held = { n: { N: "7" }, _v: { S: "aaaaaaaa" }, _tx: intent };
    await raw().put({ id: { S: put!.id }, ...held });
    await raw().put({ id: { S: erased!.id }, ...held });
    await raw().put({ id: { S: absent!.id }, _tx: placeholder });
    const failure = await Bound.batchWrite({ put: [put!, absent!, ...others], delete: [erased!.id] }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(BatchWriteError);
    const { failures, written, table, cause, message } = failure as BatchWriteError;
    expect(failures.map(({ key }) => String(key["id"])).toSorted()).toEqual(ids([put!, erased!, absent!]).toSorted());
    expect(failures.every(({ error }) => error instanceof ConflictError)).toBe(true);
    expect([written, table]).toEqual([others.length, "entries"]);
    expect(cause).toBe(failures[0]?.error);
    expect(message).toContain("3 of 10 writes failed");

    expect(await raw().get({ id: { S: put!.id } })).toEqual({ id: { S: put!.id }, ...held });
    expect(await raw().get({ id: { S: erased!.id } })).toEqual({ id: { S: erased!.id }, ...held });
    expect(await raw().get({ id: { S: absent!.id } })).toEqual({ id: { S: absent!.id }, _tx: placeholder });
    expect(await bound().getBatch(ids(others))).toEqual(others);
  });

  it.each([{}, { bulk: true }])("D14: bad input is refused before anything is sent (%o)", async (options) => {
    const { client, sent } = faultyClient(database.endpoint, () => undefined);
    const connection = database.connect({ client });
    const Bound = Entry.on(connection);
    const [one, other] = entries(2, Bound);
    const twin = new Bound({ id: one!.id, n: 5 });
    for (const writes of [
      { put: [one!, twin] },
      { put: [one!], delete: [one!.id] },
      { delete: [one!.id, one!.id] },
      { put: [other!], delete: [5 as never] },
      { put: [new (Numbered.on(connection))({ name: "x" }) as never] },
    ]) {
      await expect(Bound.batchWrite(writes, options)).rejects.toThrow(ValidationError);
    }
    expect(sent).toEqual([]);
  });

  it.each([{}, { bulk: true }])(
    "D14: hooks run once for each put, and keys are given where missing (%o)",
    async (o) => {
      const Bound = Numbered.on(database.connection);
      const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()];
      const explicit = 1000 + (o.bulk ? 1 : 0);
      const put = [new Bound({ name: a }), new Bound({ name: b }), new Bound({ n: explicit, name: c })];
      Numbered.saved.length = 0;
      await Bound.batchWrite({ put }, o);
      expect(Numbered.saved.toSorted()).toEqual([a, b, c].toSorted());
      expect(new Set(put.map(({ n }) => n)).size).toBe(3);
      for (const entry of put) expect(await Bound.get(entry.n)).toEqual(entry);
    },
  );
});

describe("batchWrite in bulk", () => {
  const database = useDatabase();
  beforeAll(() => database.connection.createTable(Entry, { waitForActive: true }));

  /** A model whose waits are recorded and end at once, on a client that handles batches in part. */
  function throttled(handled: (n: number, size: number) => number) {
    const { clock, waits } = patientClock();
    const { client, sizes } = partialBatches(database.endpoint, handled);
    const connection = database.connect({ client, clock, random: longestWaits(), sendBackoff });
    return { Bound: Entry.on(connection), sizes, waits };
  }
  const make = (Bound: typeof Entry, count: number): Entry[] =>
    Array.from({ length: count }, (_, n) => new Bound({ id: randomUUID(), n }));
  const read = (entries: readonly Entry[]): Promise<(Entry | undefined)[]> =>
    Entry.on(database.connection).getBatch(entries.map(({ id }) => id));

  it("D14: 25 in a request, and what is left unprocessed is sent again, with back-off", async () => {
    const { Bound, sizes, waits } = throttled((n, size) => (n < 4 ? 0 : size > 5 ? size - 5 : size));
    const put = make(Bound, 25);
    await Bound.batchWrite({ put }, { bulk: true });
    expect(sizes).toEqual([25, 25, 25, 25, 25, 5]);
    expect(waits).toEqual([100, 200, 400, 800, 50]);
    expect(await read(put)).toEqual(put);
  });

  it("D14: many requests, each left unprocessed in part, lose nothing", async () => {
    const { Bound, sizes } = throttled((n, size) => (n < 6 ? 0 : Math.ceil(size / 2)));
    const old = make(Entry.on(database.connection), 60);
    await Entry.on(database.connection).batchWrite({ put: old }, { bulk: true });
    const put = make(Bound, 240);
    await Bound.batchWrite({ put, delete: old.map(({ id }) => id) }, { bulk: true });
    expect(Math.max(...sizes)).toBe(25);
    expect(await read(put)).toEqual(put);
    expect(await read(old)).toEqual(old.map(() => undefined));
  });

  it("D14: items that stay unprocessed end in a MaxRetriesExceededError that names table and operation", async () => {
    const { Bound } = throttled(() => 0);
    const failure = Bound.batchWrite({ put: make(Bound, 1) }, { bulk: true });
    await expect(failure).rejects.toThrow(MaxRetriesExceededError);
    await expect(failure).rejects.toThrow(/BatchWriteItem on table entries/);
  });
});

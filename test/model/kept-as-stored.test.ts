import { randomUUID } from "node:crypto";
import { DynamoDBModel } from "dynatx";
import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { describeOnBoth } from "../support/databases.js";
import { rawTable } from "../support/raw-table.js";
import type { RawItem } from "../support/raw-table.js";

// Other programs write dates in other ways and members that the schema does not know. A save changes what its user has
// changed, and leaves the rest as it was found.

const line = z.object({ sku: z.string(), count: z.number() });

class Order extends DynamoDBModel.define({
  table: "orders",
  hashKey: "id",
  rangeKey: "at",
  schema: z.object({
    id: z.string(),
    at: z.date(),
    note: z.string().optional(),
    due: z.date().optional(),
    lines: z.array(line).optional(),
    place: z.object({ since: z.date(), name: z.string() }).optional(),
    sizes: z.array(z.number()).optional(),
    size: z.number().optional(),
  }),
}) {}

const at = "2024-05-01T10:00:00.000Z";
const stored = (sku: string, count: string): { M: RawItem } => ({
  M: { sku: { S: sku }, count: { N: count }, color: { S: `color of ${sku}` } },
});

describeOnBoth("What a save leaves as it was stored", (database) => {
  const orders = (): typeof Order => Order.on(database.connection);
  const raw = (): ReturnType<typeof rawTable> => rawTable(database.connection, "orders");

  beforeAll(() => database.connection.createTable(Order, { waitForActive: true }));

  /** The item after another program has put it, and this library has read, changed and saved it. */
  async function after(item: RawItem, change: (order: Order) => void): Promise<RawItem | undefined> {
    const key = { id: { S: randomUUID() }, at: { S: at } };
    await raw().put({ ...key, ...item });
    const order = await orders().get(key.id.S, new Date(at));
    change(order);
    await order.save({ raiseOnConflict: true });
    await order.save({ raiseOnConflict: true }); // what it believes to be stored is stored
    return raw().get(key);
  }

  test.each(["2024-05-01T10:00:00.123456Z", "2024-05-01T12:00:00+02:00", "2024-05-01"])(
    "D4: a date that another program wrote as %s stays until it is changed",
    async (due) => {
      const place = { M: { since: { S: due }, name: { S: "Rome" } } };
      const untouched = await after({ due: { S: due }, place }, (order) => {
        order.note = "seen";
      });
      expect(untouched).toMatchObject({ due: { S: due }, place, note: { S: "seen" } });
      const changed = await after({ due: { S: due }, place }, (order) => {
        order.due = new Date(0);
        order.place = { since: order.place?.since ?? new Date(0), name: "Paris" };
      });
      expect(changed).toMatchObject({ due: { S: "1970-01-01T00:00:00.000Z" } });
      expect(changed).toMatchObject({ place: { M: { since: { S: due }, name: { S: "Paris" } } } });
    },
  );

  const [a, b, c] = [stored("a", "1"), stored("b", "2"), stored("c", "3")];
  const added = { sku: "new", count: 9 };
  const addedStored = { M: { sku: { S: "new" }, count: { N: "9" } } };
  const editedStored = { M: { sku: { S: "b" }, count: { N: "7" } } };

  test.each<[string, (lines: z.infer<typeof line>[]) => void, RawItem[string][]]>([
    ["nothing", () => {}, [a, b, c]],
    ["the end", (lines) => lines.push(added), [a, b, c, addedStored]],
    ["the start", (lines) => lines.unshift(added), [addedStored, a, b, c]],
    ["the middle", (lines) => lines.splice(1, 1), [a, c]],
    ["one element", (lines) => Object.assign(lines[1] ?? {}, { count: 7 }), [a, editedStored, c]],
  ])("D4: unknown members of a list's elements stay where %s of it changes", async (_, change, expected) => {
    const item = await after({ lines: { L: [a, b, c] } }, (order) => {
      order.note = "seen";
      change(order.lines ?? []);
    });
    expect(item).toMatchObject({ lines: { L: expected } });
  });

  test("D3: numbers are written as they come back, so that an item is saved again without a read", async () => {
    const order = new (orders())({
      id: randomUUID(),
      at: new Date(at),
      size: 1e-7,
      sizes: [1e-7, 1e21, -2.5e-10, 1e22],
    });
    await order.save({ raiseOnConflict: true });
    order.note = "again";
    await order.save({ raiseOnConflict: true });
    const texts = ["0.0000001", "1000000000000000000000", "-0.00000000025", "10000000000000000000000"];
    expect(await raw().get({ id: { S: order.id }, at: { S: at } })).toMatchObject({
      size: { N: "0.0000001" },
      sizes: { L: texts.map((N) => ({ N })) },
    });
  });

  test("D9: an item whose key another program wrote in its own way is saved, reloaded and deleted there", async () => {
    const key = { id: { S: randomUUID() }, at: { S: "2024-05-01T10:00:00Z" } };
    await raw().put(key);
    const [order] = await orders().query(key.id.S).toArray();
    if (order === undefined) throw new Error("the query found nothing");
    order.note = "seen";
    await order.save({ raiseOnConflict: true });
    await order.save();
    expect(await raw().get(key)).toMatchObject({ note: { S: "seen" } });
    await raw().set(key, "note", { S: "changed" });
    await order.reload();
    expect(order.note).toBe("changed");
    await order.delete({ raiseOnConflict: true });
    expect(await orders().query(key.id.S).toArray()).toEqual([]);
  });
});

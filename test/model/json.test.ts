import { DynamoDBModel } from "dynatx";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { useDatabase } from "../support/databases.js";

const at = new Date("2026-02-03T04:05:06.789Z");

class Order extends DynamoDBModel.define({
  table: "json-orders",
  hashKey: "id",
  timestamps: { createdAt: "created" },
  schema: z.object({
    id: z.string(),
    placed: z.date(),
    tags: z.set(z.string()),
    sizes: z.set(z.number()),
    ids: z.set(z.bigint()),
    keys: z.set(z.instanceof(Uint8Array)),
    lines: z.array(z.object({ sku: z.string(), when: z.date(), colours: z.set(z.string()) })),
    notes: z.record(z.string(), z.date()),
    photo: z.instanceof(Uint8Array),
    total: z.bigint(),
    open: z.boolean(),
    nothing: z.null(),
    remark: z.string().optional(),
  }),
}) {
  get size() {
    return this.lines.length;
  }
}

const order = {
  id: "o1",
  placed: at,
  tags: new Set(["pear", "apple", "fig"]),
  sizes: new Set([10, 9, -1]),
  ids: new Set([20n, 3n]),
  keys: new Set([new Uint8Array([2]), new Uint8Array([1])]),
  lines: [{ sku: "a", when: at, colours: new Set(["red", "blue"]) }],
  notes: { packed: at },
  photo: new Uint8Array([1, 2, 255]),
  total: 12345678901234567890n,
  open: true,
  nothing: null,
};

const plain = {
  id: "o1",
  placed: "2026-02-03T04:05:06.789Z",
  tags: ["apple", "fig", "pear"],
  sizes: [-1, 9, 10],
  ids: ["3", "20"],
  keys: ["AQ==", "Ag=="],
  lines: [{ sku: "a", when: "2026-02-03T04:05:06.789Z", colours: ["blue", "red"] }],
  notes: { packed: "2026-02-03T04:05:06.789Z" },
  photo: "AQL/",
  total: "12345678901234567890",
  open: true,
  nothing: null,
};

describe("toJSON", () => {
  const database = useDatabase();
  beforeAll(() => database.connection.createTable(Order, { waitForActive: true }));

  it("D19: sets are sorted lists, dates ISO text, nested data intact, absent attributes left out", () => {
    expect(new Order(order).toJSON()).toEqual(plain);
  });

  it("D19: JSON.stringify works, also inside other data, and loses nothing of toJSON", () => {
    expect(JSON.parse(JSON.stringify({ orders: [new Order(order)] }))).toEqual({ orders: [plain] });
  });

  it("D19: an instance that was read gives the same, and its timestamps; nothing of the library's own", async () => {
    const Bound = Order.on(database.connection);
    await new Bound(order).save();
    const read = await Bound.get("o1");
    expect(read.toJSON()).toEqual({ ...plain, created: read.created!.toISOString() });
    expect(Object.keys(read.toJSON())).not.toContain("size");
  });

  it("D19: what toJSON gives is a copy", () => {
    const instance = new Order(order);
    const json = instance.toJSON();
    (json["lines"] as unknown[]).push("more");
    expect(instance.lines).toHaveLength(1);
  });
});

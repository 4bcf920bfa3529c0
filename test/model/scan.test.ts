import { DynamoDBModel, and, contains, eq, ge, not } from "dynatx";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { describeOnBoth } from "../support/databases.js";
import { transactionInFlight } from "../support/in-flight.js";
import { rawTable } from "../support/raw-table.js";

class Ticket extends DynamoDBModel.define({
  table: "scan-tickets",
  hashKey: "number",
  autoIncrement: true,
  indexes: { byState: { hashKey: "state" } },
  schema: z.object({
    number: z.number().int(),
    state: z.string().default("open"),
    labels: z.set(z.string()).default(() => new Set<string>()),
  }),
}) {}

describeOnBoth("scan", (database) => {
  const tickets = () => Ticket.on(database.connection);
  const numbers = (found: Ticket[]) => found.map(({ number }) => number).toSorted((a, b) => a - b);

  beforeAll(async () => {
    await database.connection.createTable(Ticket, { waitForActive: true });
    const Bound = tickets();
    for (const labels of ["a", "a b", "b", ""]) {
      await new Bound({ labels: new Set(labels.split(" ").filter(Boolean)) }).save();
    }
    const raw = rawTable(database.connection, "scan-tickets");
    // What transactions in flight leave: an item that does not exist yet, and one that is about to change.
    const { intent, placeholder } = await transactionInFlight(database.connection);
    await raw.put({ number: { N: "100" }, state: { S: "open" }, _tx: placeholder });
    await raw.put({ number: { N: "101" }, state: { S: "held" }, _tx: intent });
  });

  it("D16: a scan brings every item, never the counter and never a placeholder", async () => {
    const found = await tickets().scan().toArray();
    expect(numbers(found)).toEqual([1, 2, 3, 4, 101]);
    expect(found.every((ticket) => ticket instanceof Ticket)).toBe(true);
  });

  it("D16: neither shows in any other read", async () => {
    const Bound = tickets();
    for (const number of [-1, 100]) {
      expect(await Bound.find(number)).toBeUndefined();
      expect(await Bound.query(number).toArray()).toEqual([]);
    }
    expect(await Bound.getBatch([-1, 100])).toEqual([undefined, undefined]);
    expect(numbers(await Bound.query("open", { index: "byState" }).toArray())).toEqual([1, 2, 3, 4]);
  });

  it("D16: an item in flight shows as it is under the intent", async () => {
    const [held] = await tickets()
      .scan({ filter: { state: eq("held") } })
      .toArray();
    expect(held?.toJSON()).toEqual({ number: 101, state: "held", labels: [] });
  });

  it("D16: a scan filters by attributes, keys included", async () => {
    const scan = (filter: Parameters<typeof Ticket.scan>[0]) => tickets().scan(filter).toArray();
    expect(numbers(await scan({ filter: { labels: contains("a") } }))).toEqual([1, 2]);
    expect(numbers(await scan({ filter: and({ labels: contains("b") }, not({ labels: contains("a") })) }))).toEqual([
      3,
    ]);
    expect(numbers(await scan({ filter: { number: ge(4) }, consistent: true }))).toEqual([4, 101]);
  });

  it("D16: a limit counts what shows", async () => {
    expect(await tickets().scan({ limit: 5 }).toArray()).toHaveLength(5);
    expect(await tickets().scan({ limit: 5, pageSize: 1 }).toArray()).toHaveLength(5);
  });
});

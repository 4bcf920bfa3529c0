import { DynamoDBModel, eq, gt } from "dynatx";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { describeOnBoth, useDatabase } from "../support/databases.js";
import type { Database } from "../support/databases.js";
import { faultyClient } from "../support/faults.js";

class Entry extends DynamoDBModel.define({
  table: "pages-entries",
  hashKey: "log",
  rangeKey: "line",
  indexes: { byWriter: { hashKey: "writer", rangeKey: "line" } },
  schema: z.object({ log: z.string(), line: z.number(), text: z.string().default(""), writer: z.string().optional() }),
}) {}

/** The model on a connection that lists the requests it sends, and their inputs. */
function counted(database: Database) {
  const inputs: Record<string, unknown>[] = [];
  const { client, sent } = faultyClient(database.endpoint, (_, body) => void inputs.push(body));
  return { Model: Entry.on(database.connect({ client })), sent, inputs };
}

async function fill(database: Database, log: string, lines: number, bytes = 0, writer?: string): Promise<void> {
  const Bound = Entry.on(database.connection);
  const text = "x".repeat(bytes);
  const put = Array.from({ length: lines }, (_, line) => new Bound({ log, line, text, writer }));
  await Bound.batchWrite({ put }, { bulk: true });
}

const upTo = (count: number) => Array.from({ length: count }, (_, line) => line);
const lineOf = ({ line }: Entry) => line;

describeOnBoth("queries over 1 MB", (database) => {
  // Three pages: DynamoDB reads 1 MB for each.
  const count = 26;

  beforeAll(async () => {
    await database.connection.createTable(Entry, { waitForActive: true });
    await fill(database, "big", count, 100_000);
  });

  it("D15: over 1 MB of items, all pages are brought, in order", async () => {
    const { Model, sent } = counted(database);
    expect((await Model.query("big").toArray()).map(lineOf)).toEqual(upTo(count));
    expect(sent).toEqual(["Query", "Query", "Query"]);
  });

  it("D15: pages are requested lazily: nothing before the iteration, nothing after it stops", async () => {
    const { Model, sent } = counted(database);
    const query = Model.query("big");
    expect(sent).toEqual([]);
    for await (const { line } of query) {
      expect(sent).toEqual(["Query"]);
      if (line === 5) break;
    }
    expect(sent).toEqual(["Query"]);
    for await (const { line } of query) if (line === 12) break; // each iteration starts anew, and this one needs page two
    expect(sent).toHaveLength(3);
  });

  it("D15: a limit above a page goes on to the next one and stops there", async () => {
    const { Model, sent } = counted(database);
    expect((await Model.query("big", { limit: 15 }).toArray()).map(lineOf)).toEqual(upTo(15));
    expect(sent).toHaveLength(2);
  });

  it("D16: a scan brings all pages too, and as lazily", async () => {
    const { Model, sent } = counted(database);
    expect((await Model.scan().toArray()).map(lineOf).toSorted((a, b) => a - b)).toEqual(upTo(count));
    expect(sent).toEqual(["Scan", "Scan", "Scan"]);
    for await (const _ of Model.scan()) break;
    expect(sent).toHaveLength(4);
  });
});

describe("pages, limits and cursors", () => {
  const database = useDatabase();

  beforeAll(async () => {
    await database.connection.createTable(Entry, { waitForActive: true });
    await fill(database, "ten", 10, 0, "ann");
  });

  it.each([
    { limit: 0, requests: 0 },
    { limit: 2, requests: 1 },
    { limit: 4, requests: 1 },
    { limit: 5, requests: 2 },
    { limit: 8, requests: 2 },
    { limit: 10, requests: 3 },
  ])("D15: limit $limit with pages of 4 takes $requests requests", async ({ limit, requests }) => {
    const { Model, sent } = counted(database);
    const found = await Model.query("ten", { limit, pageSize: 4 }).toArray();
    expect(found.map(lineOf)).toEqual(upTo(limit));
    expect(sent).toHaveLength(requests);
  });

  it("D15: a limit above what is there brings what is there", async () => {
    const { Model } = counted(database);
    expect((await Model.query("ten", { limit: 11, pageSize: 4 }).toArray()).map(lineOf)).toEqual(upTo(10));
  });

  it("D15: a limit is sent, so that no more is read than wanted", async () => {
    const { Model, inputs } = counted(database);
    await Model.query("ten", { limit: 3 }).toArray();
    expect(inputs).toMatchObject([{ Limit: 3 }]);
  });

  it("D15: with a filter a limit counts what matches, however much is read for it", async () => {
    const { Model, inputs } = counted(database);
    const query = Model.query("ten", { filter: { writer: eq("ann") }, range: gt(4), limit: 3 });
    expect((await query.toArray()).map(lineOf)).toEqual([5, 6, 7]);
    expect(inputs[0]).not.toHaveProperty("Limit");
    const none = Model.query("ten", { filter: { writer: eq("bob") }, limit: 3, pageSize: 5 });
    expect(await none.toArray()).toEqual([]);
  });

  it("D15: first() reads one item", async () => {
    const { Model, inputs } = counted(database);
    expect((await Model.query("ten", { reverse: true }).first())?.line).toBe(9);
    expect(inputs).toMatchObject([{ Limit: 1 }]);
    expect(await Model.query("ten", { limit: 0 }).first()).toBeUndefined();
    expect(inputs).toHaveLength(1);
  });

  it("D15: pages() brings pages with cursors; a cursor goes on where its page ended", async () => {
    const { Model } = counted(database);
    const pages = [];
    for await (const page of Model.query("ten", { pageSize: 4 }).pages()) pages.push(page);
    expect(pages.map((page) => page.map(lineOf))).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
    expect(pages[2]!.cursor).toBeUndefined();
    const rest = await Model.query("ten", { cursor: pages[0]!.cursor }).toArray();
    expect(rest.map(lineOf)).toEqual([4, 5, 6, 7, 8, 9]);
  });

  it("D15: the cursor of a page cut by a limit goes on after the last item brought", async () => {
    const { Model } = counted(database);
    const filter = { writer: eq("ann" as const) };
    for await (const page of Model.query("ten", { filter, limit: 3 }).pages()) {
      expect(page.map(lineOf)).toEqual([0, 1, 2]);
      const rest = await Model.query("ten", { filter, cursor: page.cursor }).toArray();
      expect(rest.map(lineOf)).toEqual([3, 4, 5, 6, 7, 8, 9]);
    }
  });

  it("D15: cursors work on an index, in reverse", async () => {
    const { Model } = counted(database);
    const seen: number[][] = [];
    let cursor: string | undefined;
    do {
      for await (const page of Model.query("ann", { index: "byWriter", reverse: true, limit: 4, cursor }).pages()) {
        seen.push(page.map(lineOf));
        cursor = page.cursor;
      }
    } while (cursor !== undefined);
    expect(seen).toEqual([
      [9, 8, 7, 6],
      [5, 4, 3, 2],
      [1, 0],
    ]);
  });

  it("D16: a scan goes on at a cursor", async () => {
    const { Model } = counted(database);
    const lines: number[] = [];
    let cursor: string | undefined;
    do {
      for await (const page of Model.scan({ limit: 3, cursor }).pages()) {
        lines.push(...page.map(lineOf));
        cursor = page.cursor;
      }
    } while (cursor !== undefined);
    expect(lines.toSorted((a, b) => a - b)).toEqual(upTo(10));
  });
});

import { DynamoDBModel, ValidationError, between, eq, gt } from "dynatx";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { describeOnBoth } from "../support/databases.js";
import type { Database } from "../support/databases.js";
import { faultyClient } from "../support/faults.js";
import { transactionInFlight } from "../support/in-flight.js";
import { rawTable } from "../support/raw-table.js";

const table = "index-accounts";

class Account extends DynamoDBModel.define({
  table,
  hashKey: "id",
  indexes: {
    byOwner: { hashKey: "owner", rangeKey: "opened" },
    byOwnerKeys: { hashKey: "owner", project: "keys" },
    byBranch: { hashKey: "branch", rangeKey: "balance", project: ["note"] },
  },
  schema: z.object({
    id: z.string(),
    owner: z.string(),
    opened: z.date(),
    balance: z.number().default(0),
    note: z.string().default("none"),
    branch: z.string().optional(),
  }),
}) {}

/** Another view of the same table: what a list shows. */
class AccountName extends DynamoDBModel.define({
  table,
  hashKey: "id",
  schema: z.object({ id: z.string(), owner: z.string() }),
}) {
  get label() {
    return `${this.id} of ${this.owner}`;
  }
}

class Stranger extends DynamoDBModel.define({
  table: "index-strangers",
  hashKey: "id",
  schema: z.object({ id: z.string() }),
}) {}

const day = (n: number) => new Date(Date.UTC(2026, 5, n));
const idOf = ({ id }: { id: string }) => id;

function counted(database: Database) {
  const inputs: Record<string, unknown>[] = [];
  const { client, sent } = faultyClient(database.endpoint, (_, body) => void inputs.push(body));
  return { Model: Account.on(database.connect({ client })), sent, inputs };
}

describeOnBoth("query on indexes", (database) => {
  const accounts = () => Account.on(database.connection);

  beforeAll(() => database.connection.createTable(Account, { waitForActive: true }));

  async function open(owner: string, values: { branch?: string } = {}): Promise<void> {
    const Bound = accounts();
    for (const n of [1, 2, 3]) {
      await new Bound({
        id: `${owner}${n}`,
        owner,
        opened: day(n),
        balance: n * 10,
        note: `no ${n}`,
        ...values,
      }).save();
    }
  }

  it("D15: query on an index, by its hash and its range key", async () => {
    await open("ann");
    await open("bob");
    const all = await accounts().query("ann", { index: "byOwner" }).toArray();
    expect(all.map(idOf)).toEqual(["ann1", "ann2", "ann3"]);
    const some = await accounts()
      .query("ann", { index: "byOwner", range: between(day(2), day(3)), reverse: true })
      .toArray();
    expect(some.map(idOf)).toEqual(["ann3", "ann2"]);
  });

  it("D15: query on an index filters what the index holds", async () => {
    await open("carl");
    const found = await accounts()
      .query("carl", { index: "byOwner", filter: { balance: gt(10) } })
      .toArray();
    expect(found.map(idOf)).toEqual(["carl2", "carl3"]);
  });

  it("D15: an index without a range key takes no range, and none can be read consistently", () => {
    const Bound = accounts();
    const query: (hash: unknown, options?: object) => unknown = Bound.query.bind(Bound) as never;
    expect(() => query("ann", { index: "byOwnerKeys", range: eq(day(1)) })).toThrow(ValidationError);
    expect(() => query("ann", { index: "byOwner", consistent: true })).toThrow(ValidationError);
  });

  it("D15: items without the key of an index are not in it", async () => {
    await open("dan", { branch: "north" });
    await open("eve");
    const found = await accounts()
      .query("north", { index: "byBranch", range: gt(10) })
      .toArray();
    expect(found.map(idOf)).toEqual(["dan2", "dan3"]);
  });

  it("D15: rows of an index that holds keys alone are completed from the table, one batch for a page", async () => {
    await open("fay");
    const { Model, sent } = counted(database);
    const found = await Model.query("fay", { index: "byOwnerKeys" }).toArray();
    expect(
      found.map((account) => account.toJSON()).toSorted((a, b) => (String(a["id"]) < String(b["id"]) ? -1 : 1)),
    ).toEqual(
      [1, 2, 3].map((n) => ({
        id: `fay${n}`,
        owner: "fay",
        opened: day(n).toISOString(),
        balance: n * 10,
        note: `no ${n}`,
      })),
    );
    expect(sent).toEqual(["Query", "BatchGetItem"]);
    // Completed, so that a save compares the whole image.
    found[0]!.balance = 99;
    await found[0]!.save({ raiseOnConflict: true });
    expect((await accounts().get(found[0]!.id)).note).toMatch(/^no \d$/);
  });

  it("D15: a partial index filters by what it holds and refuses what it does not", async () => {
    await open("gus", { branch: "south" });
    const found = await accounts()
      .query("south", { index: "byBranch", filter: { note: eq("no 2") } })
      .toArray();
    expect(found.map(idOf)).toEqual(["gus2"]);
    expect(found[0]!.opened).toEqual(day(2));
    const Bound = accounts();
    expect(() => Bound.query("south", { index: "byBranch", filter: { owner: eq("gus") } })).toThrow(ValidationError);
  });

  it("D15: a row of an index whose item is in flight is read from the table, as it was before the intent", async () => {
    await open("hal");
    await open("ida");
    const raw = rawTable(database.connection, table);
    const { intent, placeholder } = await transactionInFlight(database.connection);
    await raw.set({ id: { S: "hal1" } }, "_tx", intent);
    await raw.set({ id: { S: "ida1" } }, "_tx", placeholder);
    const { Model, sent } = counted(database);
    const held = await Model.query("hal", { index: "byOwner" }).toArray();
    // An index may lag behind what the intent has become. Then: which coordinator this connection has, and the record.
    expect(sent).toEqual(["Query", "BatchGetItem", "GetItem", "GetItem"]);
    expect(held.map(idOf)).toEqual(["hal1", "hal2", "hal3"]);
    const absent = await accounts().query("ida", { index: "byOwner" }).toArray();
    expect(absent.map(idOf)).toEqual(["ida2", "ida3"]);
  });

  it("D15: as: query as another model of the table reads that model's attributes alone", async () => {
    await open("jon");
    const { Model, inputs, sent } = counted(database);
    const found = await Model.query("jon", { index: "byOwner", as: AccountName }).toArray();
    expect(found.map(({ label }) => label)).toEqual(["jon1 of jon", "jon2 of jon", "jon3 of jon"]);
    expect(found.every((view) => view instanceof AccountName)).toBe(true);
    const [{ ProjectionExpression, ExpressionAttributeNames }] = inputs as [
      { ProjectionExpression: string; ExpressionAttributeNames: Record<string, string> },
    ];
    const projected = ProjectionExpression.split(", ").map((name) => ExpressionAttributeNames[name]);
    expect(new Set(projected)).toEqual(new Set(["id", "owner", "_v", "_tx"]));
    // All that this view wants is in the index of keys: nothing is read from the table.
    await Model.query("jon", { index: "byOwnerKeys", as: AccountName }).toArray();
    expect(sent).toEqual(["Query", "Query"]);
  });

  it("D15: as: the items are on the connection that was queried, and a save keeps what the view does not show", async () => {
    await open("kim");
    const [view] = await accounts().query("kim", { index: "byOwner", as: AccountName, limit: 1 }).toArray();
    view!.owner = "lea";
    await view!.save({ raiseOnConflict: true });
    expect((await accounts().get("kim1")).toJSON()).toMatchObject({ owner: "lea", note: "no 1", balance: 10 });
  });

  it("D16: as: a scan takes another model too", async () => {
    await open("mia");
    const found = await accounts()
      .scan({ as: AccountName, filter: { owner: eq("mia") } })
      .toArray();
    expect(found.map(({ label }) => label).toSorted()).toEqual(["mia1 of mia", "mia2 of mia", "mia3 of mia"]);
  });

  it("D15: as: a model of another table is refused", () => {
    const Bound = accounts();
    expect(() => Bound.query("ann", { index: "byOwner", as: Stranger })).toThrow(ValidationError);
  });
});

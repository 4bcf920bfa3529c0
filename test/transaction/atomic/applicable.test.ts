import { DynamoDBModel, ValidationError, atomic, transact } from "dynatx";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { outsideSession } from "../../../src/model/session.js";
import { describeOnBoth } from "../../support/databases.js";
import { faultyClient } from "../../support/faults.js";
import { rawTable } from "../../support/raw-table.js";

class Box extends DynamoDBModel.define({
  table: "applicable-boxes",
  hashKey: "id",
  schema: z.object({ id: z.string(), content: z.json().default(null), note: z.string().default("") }),
}) {}

const backend = atomic({ path: "intents", apply: "await" });
const largest = 400 * 1024;

/** So many lists inside one another. */
function nested(levels: number): z.core.util.JSONType {
  let value: z.core.util.JSONType = "x";
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

describeOnBoth("what is committed by intents can be applied", (database) => {
  beforeAll(async () => {
    await database.connection.createTable(Box, { waitForActive: true });
    await database.connection.ensureCoordinator();
  });
  const boxes = () => Box.on(database.connection);

  it.each([
    ["with its write ids over 400 KB", (id: string) => ({ id, note: "x".repeat(largest - 30) })],
    ["over 31 levels deep", (id: string) => ({ id, content: nested(32) })],
  ])("A1: an item %s is refused before anything is sent", async (name, values) => {
    const { client, sent } = faultyClient(database.endpoint, () => undefined);
    const connection = database.connect({ client });
    const Bound = Box.on(connection);
    const work = transact(
      (tx) => {
        tx.put(new Bound(values(name)));
        tx.put(new Bound({ id: `beside ${name}` }));
      },
      { connection, backend },
    );
    await expect(work).rejects.toThrow(ValidationError);
    expect(sent.filter((operation) => !/Get/.test(operation))).toEqual([]); // what they go over was read
    expect(await boxes().find(`beside ${name}`)).toBeUndefined();
  });

  it("A2: an item of 31 levels, and one that is nearly as large as can be, beside its old state: both get through", async () => {
    const Bound = boxes();
    await new Bound({ id: "large", note: "o".repeat(390_000) }).save();
    await transact(
      async (tx) => {
        const large = await tx.get(Bound, "large");
        large.note = "n".repeat(395_000);
        tx.put(new Bound({ id: "deep", content: nested(31) }));
      },
      { connection: database.connection, backend },
    );
    expect((await Bound.get("large")).note).toBe("n".repeat(395_000));
    expect((await Bound.get("deep")).content).toEqual(nested(31));
    // The pieces in which the change was kept are gone with it.
    const left = await rawTable(database.connection, "dynatx").scan();
    expect(left.map(({ id }) => id?.S)).toEqual(["identity"]);
  });

  it("A14: an item without write ids that is saved unchanged meanwhile counts as changed: the transaction runs again", async () => {
    const Bound = boxes();
    await rawTable(database.connection, "applicable-boxes").put({ id: { S: "raw" }, note: { S: "theirs" } });
    let attempts = 0;
    await transact(
      async (tx) => {
        const box = await tx.get(Bound, "raw");
        if (++attempts === 1) {
          // Another process, which knows nothing of this transaction.
          await outsideSession(async () => (await Bound.get("raw")).save({ raiseOnConflict: true }));
        }
        box.note += " and mine";
      },
      { connection: database.connection, backend },
    );
    expect(attempts).toBe(2);
    expect((await Bound.get("raw")).note).toBe("theirs and mine");
  });
});

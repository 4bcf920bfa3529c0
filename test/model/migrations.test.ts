import { ConflictError, DynamoDBModel, VersionError } from "dynatx";
import type { Migration } from "dynatx";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { describeOnBoth } from "../support/databases.js";
import { rawTable } from "../support/raw-table.js";

const table = "migrated-people";
const steps: string[] = [];

const migrations: Migration[] = [
  {
    version: 1,
    detect: (raw) => typeof raw["name"] === "string",
    migrate: () => {
      throw new Error("nothing leads to the first version");
    },
  },
  {
    version: 2,
    detect: (raw) => typeof raw["first"] === "string" && raw["email"] !== undefined,
    migrate(raw) {
      steps.push("to 2");
      const [first, last] = String(raw["name"]).split(" ");
      delete raw["name"];
      return Object.assign(raw, { first, last });
    },
  },
  {
    version: 3,
    detect: (raw) => raw["emails"] !== undefined,
    migrate({ email, ...raw }) {
      steps.push("to 3");
      return { ...raw, emails: new Set([email]) };
    },
  },
];

class Person extends DynamoDBModel.define({
  table,
  hashKey: "id",
  schema: z.object({ id: z.string(), first: z.string(), last: z.string(), emails: z.set(z.string()) }),
  migrations,
}) {}

describeOnBoth("migrations", (database) => {
  const people = () => Person.on(database.connection);
  const raw = () => rawTable(database.connection, table);
  const v1 = (id: string) => ({ id: { S: id }, name: { S: "Ann Lee" }, email: { S: "ann@x" }, age: { N: "7" } });
  const v2 = (id: string) => ({ id: { S: id }, first: { S: "Ann" }, last: { S: "Lee" }, email: { S: "ann@x" } });
  const v3 = (id: string) => ({ id: { S: id }, first: { S: "Ann" }, last: { S: "Lee" }, emails: { SS: ["ann@x"] } });
  const ann = (id: string) => ({ id, first: "Ann", last: "Lee", emails: ["ann@x"] });

  beforeAll(() => database.connection.createTable(Person, { waitForActive: true }));

  it("D18: a v1 item read by a v3 model goes through both steps, in order", async () => {
    await raw().put(v1("both"));
    steps.length = 0;
    expect((await people().get("both")).toJSON()).toEqual(ann("both"));
    expect(steps).toEqual(["to 2", "to 3"]);
  });

  it("D18: a v2 item goes through the last step alone, a v3 item through none", async () => {
    await raw().put(v2("second"));
    await raw().put(v3("third"));
    steps.length = 0;
    expect((await people().get("second")).toJSON()).toEqual(ann("second"));
    expect(steps).toEqual(["to 3"]);
    expect((await people().get("third")).toJSON()).toEqual(ann("third"));
    expect(steps).toEqual(["to 3"]);
  });

  it("D18: of several versions that an item matches, the newest counts", async () => {
    await raw().put({ ...v3("several"), name: { S: "Ann Low" } });
    steps.length = 0;
    expect((await people().get("several")).toJSON()).toEqual(ann("several"));
    expect(steps).toEqual([]);
  });

  it("D18: every way of reading migrates", async () => {
    await raw().put(v1("ways"));
    const expected = [ann("ways")];
    const plain = (found: (Person | undefined)[]) => found.map((person) => person?.toJSON());
    expect(plain(await people().getBatch(["ways"]))).toEqual(expected);
    expect(plain(await people().query("ways").toArray())).toEqual(expected);
    expect(plain(await people().scan().toArray())).toContainEqual(expected[0]);
  });

  it("D18: unsaved, the item stays unchanged", async () => {
    await raw().put(v1("unsaved"));
    await people().get("unsaved");
    expect(await raw().get({ id: { S: "unsaved" } })).toEqual(v1("unsaved"));
  });

  it.each([{ raiseOnConflict: true }, {}])("D18: saved (%o), the item has the newest form alone", async (options) => {
    const id = `saved-${JSON.stringify(options)}`;
    await raw().put(v1(id));
    const person = await people().get(id);
    person.last = "Low";
    await person.save(options);
    // What is outside every version stays; what the migrations removed is gone.
    expect(await raw().get({ id: { S: id } })).toEqual({
      ...v3(id),
      last: { S: "Low" },
      age: { N: "7" },
      _v: { S: expect.stringMatching(/^[\w-]{8}$/) },
    });
    steps.length = 0;
    expect((await people().get(id)).last).toBe("Low");
    expect(steps).toEqual([]);
    await person.save({ raiseOnConflict: true }); // its instance knows the new form too
  });

  it("D18: a save with raiseOnConflict compares the raw image that was read", async () => {
    for (const change of [{ name: { S: "Ann Low" } }, { email: { S: "lee@x" } }, { age: { N: "8" } }]) {
      await raw().put(v1("changed"));
      const person = await people().get("changed");
      await raw().put({ ...v1("changed"), ...change });
      await expect(person.save({ raiseOnConflict: true })).rejects.toThrow(ConflictError);
      expect(await raw().get({ id: { S: "changed" } })).toEqual({ ...v1("changed"), ...change });
    }
  });

  it("D18: an item of no known version is a VersionError that names it", async () => {
    await raw().put({ id: { S: "odd" }, title: { S: "Dr" } });
    const error = await people()
      .get("odd")
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(VersionError);
    expect(error).toMatchObject({ code: "VERSION", key: { id: "odd" }, table: database.connection.tableName(table) });
    expect(String(error)).toContain(`${table} {"id":"odd"}`);
    expect(String(error)).toContain("1, 2, 3");
    await raw().delete({ id: { S: "odd" } }); // scans of this table would meet it
  });

  it("D18: a step whose result cannot be stored is a ValidationError that names the item and the place", async () => {
    class Broken extends DynamoDBModel.define({
      table,
      hashKey: "id",
      schema: z.object({ id: z.string() }),
      migrations: [
        { version: 1, detect: () => true, migrate: (raw) => raw },
        { version: 2, detect: () => false, migrate: (raw) => ({ ...raw, list: [1, () => 2] }) },
      ],
    }) {}
    await raw().put(v1("broken"));
    await expect(Broken.on(database.connection).get("broken")).rejects.toMatchObject({
      code: "VALIDATION",
      key: { id: "broken" },
      issues: [{ path: ["list", 1] }],
    });
  });

  it("D18: attributes that no step touches keep every digit and byte", async () => {
    const exact = { N: "0.12345678901234567890123456789012345678" };
    const kept = {
      exact,
      nested: { M: { list: { L: [exact, { S: exact.N }] } } },
      numbers: { NS: [exact.N] },
      big: { N: "12345678901234567890" },
      bytes: { B: new Uint8Array([0, 255]) },
      empty: { L: [] },
    };
    await raw().put({ ...v1("kept"), ...kept });
    const person = await people().get("kept");
    await person.save();
    expect(await raw().get({ id: { S: "kept" } })).toMatchObject(kept);
  });
});

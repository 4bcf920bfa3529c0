import { DynamoDBModel, ValidationError } from "dynatx";
import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { useDatabase } from "../support/databases.js";
import { rawTable } from "../support/raw-table.js";

const table = "validate-people";

class Person extends DynamoDBModel.define({
  table,
  hashKey: "id",
  rangeKey: "born",
  schema: z.object({
    id: z.string(),
    born: z.date(),
    name: z.string().min(2),
    age: z.number().default(18),
    kind: z.enum(["child", "adult"]).optional(),
    homes: z.array(z.object({ city: z.string(), since: z.date() })).optional(),
  }),
}) {}

const born = new Date("2001-02-03T04:05:06Z");

describe("items that do not fit the schema", () => {
  const database = useDatabase();
  const people = () => Person.on(database.connection);
  const key = (id: string) => ({ id: { S: id }, born: { S: born.toISOString() } });
  const raw = () => rawTable(database.connection, table);

  beforeAll(() => database.connection.createTable(Person, { waitForActive: true }));

  it.each([
    ["too short", { name: { S: "A" } }, ["name"]],
    ["absent", {}, ["name"]],
    ["of another type", { name: { N: "5" } }, ["name"]],
    ["none of an enum", { name: { S: "Ann" }, kind: { S: "old" } }, ["kind"]],
    ["null", { name: { NULL: true as const } }, ["name"]],
    [
      "no date",
      { name: { S: "Ann" }, homes: { L: [{ M: { city: { S: "Rome" }, since: { S: "never" } } }] } },
      ["homes", 0, "since"],
    ],
    ["not an object", { name: { S: "Ann" }, homes: { L: [{ S: "Rome" }] } }, ["homes", 0]],
  ])("D28: a value that is %s → ValidationError naming item and path", async (what, attributes, path) => {
    const id = `misfit ${what}`;
    await raw().put({ ...key(id), ...attributes });
    const error = await people()
      .get(id, born)
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({ table, key: { id, born }, issues: [{ path }] });
    expect(String(error)).toContain(`${table} ${JSON.stringify({ id, born })}`);
    expect(String(error)).toContain(path.join("."));
    await raw().delete(key(id));
  });

  it("D28: every way of reading validates", async () => {
    const id = "everywhere";
    const person = new (people())({ id, born, name: "Ann" });
    await person.save();
    await raw().put({ ...key(id), name: { S: "A" } });
    await expect(people().find(id, born)).rejects.toThrow(ValidationError);
    await expect(people().getBatch([[id, born]])).rejects.toThrow(ValidationError);
    await expect(people().query(id).toArray()).rejects.toThrow(ValidationError);
    await expect(people().scan().toArray()).rejects.toThrow(ValidationError);
    await expect(person.reload()).rejects.toThrow(ValidationError);
    expect(person.name).toBe("Ann"); // a reload that failed changed nothing
    await raw().delete(key(id));
  });

  it("D28: { validate: false } gives it as stored, without defaults, in every way of reading", async () => {
    const id = "raw";
    await raw().put({ ...key(id), name: { S: "A" }, kind: { N: "7" }, homes: { L: [{ S: "Rome" }] } });
    const options = { validate: false };
    const person = await people().get(id, born, options);
    expect(person).toBeInstanceOf(Person);
    const seen = { id, born, name: "A", age: undefined, kind: 7, homes: ["Rome"] };
    const one: (instance: unknown) => unknown = (instance) => ({ ...(instance as object) });
    expect(one(person)).toEqual(seen);
    expect(one(await people().find(id, born, options))).toEqual(seen);
    expect((await people().getBatch([[id, born]], options)).map(one)).toEqual([seen]);
    expect((await people().query(id, options).toArray()).map(one)).toEqual([seen]);
    expect((await people().scan(options).toArray()).map(one)).toEqual([seen]);
    await person.reload(options);
    expect(one(person)).toEqual(seen);
    await raw().delete(key(id));
  });

  it("D28: an item read so is validated when it is saved, and can be mended", async () => {
    const id = "mended";
    await raw().put({ ...key(id), name: { S: "A" }, other: { S: "kept" } });
    const person = await people().get(id, born, { validate: false });
    await expect(person.save()).rejects.toThrow(ValidationError);
    person.name = "Ann";
    await person.save({ raiseOnConflict: true });
    expect((await people().get(id, born)).toJSON()).toMatchObject({ name: "Ann", age: 18 });
    expect(await raw().get(key(id))).toMatchObject({ other: { S: "kept" } });
  });
});

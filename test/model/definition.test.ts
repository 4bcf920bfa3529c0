import { DynamoDBModel, SchemaError } from "dynatx";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import * as mini from "zod/mini";

/** A definition the compiler would refuse, as a JavaScript user may write it. */
function define(definition: object): unknown {
  return DynamoDBModel.define(definition as never);
}

const id = z.string();

function withAttribute(schema: unknown): () => unknown {
  return () => define({ table: "things", hashKey: "id", schema: z.object({ id, held: schema as z.ZodType }) });
}

describe("definition", () => {
  it.each([
    ["no table", { hashKey: "id", schema: z.object({ id }) }, /table/],
    ["an empty table name", { table: "", hashKey: "id", schema: z.object({ id }) }, /table/],
    ["a table name DynamoDB refuses", { table: "a b", hashKey: "id", schema: z.object({ id }) }, /table.*"a b"/],
    ["no hash key", { table: "things", schema: z.object({ id }) }, /things: hashKey: missing/],
    ["no schema", { table: "things", hashKey: "id" }, /things: .*schema/],
    ["a schema that is no object", { table: "things", hashKey: "id", schema: z.string() }, /things: .*z\.object/],
    ["a schema that is not zod's", { table: "things", hashKey: "id", schema: { id: "string" } }, /things: .*z\.object/],
    ["a loose schema", { table: "things", hashKey: "id", schema: z.looseObject({ id }) }, /loose/],
  ])("D1: %s is a SchemaError", (_, definition, message) => {
    expect(() => define(definition)).toThrow(SchemaError);
    expect(() => define(definition)).toThrow(message);
  });

  it.each([
    ["hashKey", { hashKey: "nope" }],
    ["rangeKey", { hashKey: "id", rangeKey: "nope" }],
    ["the hash key of an index", { hashKey: "id", indexes: { byX: { hashKey: "nope" } } }],
    ["the range key of an index", { hashKey: "id", indexes: { byX: { hashKey: "id", rangeKey: "nope" } } }],
    ["a projected attribute", { hashKey: "id", indexes: { byX: { hashKey: "id", project: ["nope"] } } }],
    ["ttl", { hashKey: "id", ttl: "nope" }],
  ])("D1: %s outside the schema is a SchemaError that names it", (_, keys) => {
    const definition = { table: "things", schema: z.object({ id }), ...keys };
    expect(() => define(definition)).toThrow(SchemaError);
    expect(() => define(definition)).toThrow(/things: .*"nope" is not an attribute/);
  });

  it.each<[string, z.ZodType]>([
    ["a boolean", z.boolean()],
    ["a list", z.array(z.string())],
    ["an object", z.object({ a: z.string() })],
    ["a set", z.set(z.string())],
    ["a record", z.record(z.string(), z.string())],
    ["null", z.null()],
    ["something nullable", z.string().nullable()],
    ["a union of two key types", z.union([z.string(), z.number()])],
    ["something optional", z.string().optional()],
  ])("D1: %s cannot be a key", (_, schema) => {
    const shape = z.object({ id, key: schema });
    expect(() => define({ table: "things", hashKey: "key", schema: shape })).toThrow(SchemaError);
    expect(() => define({ table: "things", hashKey: "id", rangeKey: "key", schema: shape })).toThrow(/key cannot/);
  });

  it("D1: an index key may be optional, but not of a type DynamoDB cannot key on", () => {
    const schema = z.object({ id, owner: z.string().optional(), open: z.boolean() });
    define({ table: "things", hashKey: "id", schema, indexes: { byOwner: { hashKey: "owner" } } });
    expect(() => define({ table: "things", hashKey: "id", schema, indexes: { byOpen: { hashKey: "open" } } })).toThrow(
      /indexes\.byOpen\.hashKey: open cannot be a key/,
    );
  });

  it.each<[string, z.ZodType]>([
    ["string", z.string()],
    ["email", z.email()],
    ["enum", z.enum(["a", "b"])],
    ["literal", z.literal("a")],
    ["number", z.number()],
    ["bigint", z.bigint()],
    ["date", z.date()],
    ["bytes", z.instanceof(Uint8Array)],
    ["with a default", z.string().default("a")],
  ])("D1: a key of kind %s is accepted", (_, schema) => {
    expect(() => define({ table: "things", hashKey: "key", schema: z.object({ key: schema }) })).not.toThrow();
  });

  it("D1: auto-increment with a range key, or on a key that is no number, is a SchemaError", () => {
    const schema = z.object({ id: z.number(), at: z.date(), name: z.string() });
    expect(() => define({ table: "things", hashKey: "id", rangeKey: "at", autoIncrement: true, schema })).toThrow(
      SchemaError,
    );
    expect(() => define({ table: "things", hashKey: "name", autoIncrement: true, schema })).toThrow(SchemaError);
    expect(() => define({ table: "things", hashKey: "id", autoIncrement: true, schema })).not.toThrow();
  });

  it("D1: hash and range key the same attribute is a SchemaError", () => {
    expect(() => define({ table: "things", hashKey: "id", rangeKey: "id", schema: z.object({ id }) })).toThrow(
      SchemaError,
    );
  });

  it.each<[string, unknown]>([
    ["transform", z.string().transform((text) => text.length)],
    ["preprocess", z.preprocess((value) => value, z.string())],
    ["any", z.any()],
    ["unknown", z.unknown()],
    ["never", z.never()],
    ["undefined", z.undefined()],
    ["map", z.map(z.string(), z.string())],
    ["symbol", z.symbol()],
    ["function", z.custom<() => void>()],
    ["promise", z.promise(z.string())],
    ["instanceof another class", z.instanceof(RegExp)],
    ["set of objects", z.set(z.object({ a: z.string() }))],
    ["set of mixed kinds", z.set(z.union([z.string(), z.number()]))],
    ["set of dates", z.set(z.date())],
    [
      "mini transform",
      mini.pipe(
        mini.string(),
        mini.transform((text: string) => text.length),
      ),
    ],
  ])("D1: an attribute of kind %s has no stored form: a SchemaError that names it", (_, schema) => {
    expect(withAttribute(schema)).toThrow(SchemaError);
    expect(withAttribute(schema)).toThrow(/things: held/);
  });

  it("D1: what cannot be stored is found inside lists, objects and lazy schemas, and named by its path", () => {
    expect(withAttribute(z.array(z.object({ deep: z.any() })))).toThrow(/held\.\*\.deep/);
    expect(withAttribute(z.lazy(() => z.object({ deep: z.any() })))).toThrow(/held\.deep/);
    expect(withAttribute(z.tuple([z.string(), z.any()]))).toThrow(/held\.1/);
  });

  it.each(["save", "delete", "reload", "toJSON", "_v", "_tx"])("D1: an attribute cannot be called %s", (name) => {
    expect(() => define({ table: "things", hashKey: "id", schema: z.object({ id, [name]: z.string() }) })).toThrow(
      SchemaError,
    );
  });

  it("D1: a class that was not made by define is no model", () => {
    class Bare extends DynamoDBModel {}
    expect(() => new Bare({})).toThrow(SchemaError);
  });
});

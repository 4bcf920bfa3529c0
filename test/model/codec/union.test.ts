import { describe, expect, it } from "vitest";
import { z } from "zod";
import { SchemaError } from "dynatx";
import type { Codec } from "../../../src/model/codec/codec.js";
import { Compiler } from "../../../src/model/codec/compile.js";

const isoDate = z.codec(z.string(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
});

function compile(schema: z.ZodType): Codec {
  return new Compiler("table things").member(schema, "held");
}

describe("unions", () => {
  it.each<[string, z.ZodType]>([
    ["text and dates", z.union([z.string(), z.date()])],
    ["numbers and bigints", z.union([z.number(), z.bigint()])],
    ["a literal number and bigints", z.union([z.literal(5), z.bigint()])],
    ["bigints and a literal number", z.union([z.bigint(), z.literal(5)])],
    ["a number and a bigint literal of one value", z.literal([1, 1n])],
    ["a literal that reads as a date, and dates", z.union([z.literal("2020-01-01T00:00:00.000Z"), z.date()])],
    ["text and a codec on text", z.union([z.string(), isoDate])],
    [
      "a word and a codec that takes it",
      z.union([z.literal("1"), z.codec(z.string(), z.number(), { decode: Number, encode: String })]),
    ],
    ["two codecs on text", z.union([isoDate, z.codec(z.string(), z.number(), { decode: Number, encode: String })])],
    ["a set and a list", z.union([z.set(z.string()), z.array(z.string())])],
    ["sets of numbers and of bigints", z.union([z.set(z.number()), z.set(z.bigint())])],
    ["lists of text and of dates", z.union([z.array(z.string()), z.array(z.date())])],
    ["records of text and of dates", z.union([z.record(z.string(), z.string()), z.record(z.string(), z.date())])],
    ["an object and a record", z.union([z.object({ at: z.string() }), z.record(z.string(), z.date())])],
    ["objects with a member of two kinds", z.union([z.object({ a: z.date() }), z.object({ a: z.string() })])],
    ["objects that differ below", z.union([z.object({ a: z.array(z.date()) }), z.object({ a: z.array(z.string()) })])],
    ["nullable members", z.union([z.string().nullable(), z.date().nullable()])],
    ["inside a lazy schema", z.lazy(() => z.array(z.union([z.string(), z.date()])))],
  ])("D1: %s are stored alike, so their union is a SchemaError", (_, schema) => {
    expect(() => compile(schema)).toThrow(SchemaError);
    expect(() => compile(schema)).toThrow(/held.* could not be told apart/);
  });

  it.each<[string, z.ZodType, unknown[]]>([
    ["text and an enum", z.union([z.string(), z.enum(["a"])]), ["a", "b"]],
    ["words and dates", z.union([z.literal("never"), z.date()]), ["never", new Date(1)]],
    ["a number and a bigint literal", z.literal([1, 2n]), [1, 2n]],
    ["literals of all kinds", z.literal(["a", 1, true, null, 2n]), ["a", 1, true, null, 2n]],
    ["text and numbers", z.union([z.string(), z.number()]), ["1", 1]],
    ["sets of different kinds", z.union([z.set(z.string()), z.set(z.number())]), [new Set(["1"]), new Set([1])]],
    ["a set and an object", z.union([z.set(z.string()), z.object({})]), [new Set(["1"]), new Set(), {}]],
    ["two lists of one kind", z.union([z.array(z.date()), z.tuple([z.date()])]), [[new Date(1)], []]],
    ["words and a codec", z.union([z.enum(["never"]), isoDate]), ["never"]],
    [
      "objects with a tag",
      z.union([z.object({ t: z.literal("a"), v: z.date() }), z.object({ t: z.literal("b"), v: z.string() })]),
      [
        { t: "a", v: new Date(1) },
        { t: "b", v: new Date(1).toISOString() },
      ],
    ],
    [
      "a tagged object with a codec",
      z.union([z.object({ t: z.literal(1), v: isoDate }), z.object({ t: z.literal(2), v: z.string() })]),
      [{ t: 2, v: "x" }],
    ],
    ["objects with nothing in common", z.union([z.object({ a: z.date() }), z.object({ b: z.string() })]), [{ b: "x" }]],
  ])("D3: %s can be told apart: each comes back as itself", (_, schema, values) => {
    const codec = compile(schema);
    for (const value of values) {
      const stored = codec.encode(value);
      expect(stored).toBeDefined();
      expect(codec.decode(stored!)).toEqual(value);
    }
  });

  it("D4: members that the schema does not know are carried over, unless another member of the union was stored", () => {
    const codec = compile(z.union([z.object({ t: z.literal("a") }), z.object({ t: z.literal("b") })]).nullable());
    const old = { M: { t: { S: "a" }, extra: { N: "1" } } };
    expect(codec.encode({ t: "b" }, old)).toEqual({ M: { t: { S: "b" } } });
    const one = compile(z.object({ t: z.string() }).nullable());
    expect(one.encode({ t: "b" }, old)).toEqual({ M: { t: { S: "b" }, extra: { N: "1" } } });
    expect(one.encode(null, old)).toEqual({ NULL: true });
  });
});

describe("intersections", () => {
  const open = compile(z.intersection(z.object({ a: z.string().optional() }), z.object({ b: z.string().optional() })));
  const old = { M: { a: { S: "1" }, b: { S: "2" }, extra: { S: "3" } } };

  it("D4: each side writes its own members, and unknown ones are kept", () => {
    expect(open.encode({ a: "x", b: "y" }, old)).toEqual({ M: { a: { S: "x" }, b: { S: "y" }, extra: { S: "3" } } });
    expect(open.encode({ b: "y" }, old)).toEqual({ M: { b: { S: "y" }, extra: { S: "3" } } });
    expect(open.encode({ a: "x" }, old)).toEqual({ M: { a: { S: "x" }, extra: { S: "3" } } });
  });

  it("D3: beside a record every member is known, so one that was removed is gone", () => {
    const codec = compile(z.intersection(z.object({ a: z.string() }), z.record(z.string(), z.string())));
    expect(codec.encode({ a: "x", b: "y" }, old)).toEqual({ M: { a: { S: "x" }, b: { S: "y" } } });
  });
});

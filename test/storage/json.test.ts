import { describe, expect, it } from "vitest";
import { ValidationError } from "../../src/base/errors.js";
import { StorageError } from "../../src/base/tx-errors.js";
import { jsonCopy, parseJson, spacedJson } from "../../src/storage/json.js";

describe("JSON as the original writes it", () => {
  /** Nodes that the original client wrote. */
  it.each([
    '{"id": "mynode-192.0.2.2-17-0123456789abcdef0123456789abcdef", "val": null}',
    '{"id": "x", "val": {"zk_owner": "me"}}',
    '{"id": 2, "val": {"k": "meta/server/s1", "version": 0, "values": [null, {"n": 1}], "v": {"n": 2}}}',
    '[null, {"name": "我", "n": 1}]',
    '{"got_keys": ["meta/server/s1"], "start_ts": 1795323671.129557, "data": {"step": 1}}',
    '{"meta/server/s1": null, "meta/server/s2": [1, "x"]}',
    '{"PURGED": [[0, 5]], "COMMITTED": [[0, 7]]}',
    "{}",
    "[]",
  ])("%s", (text) => {
    expect(spacedJson(parseJson(text, "a node"))).toBe(text);
  });

  it("escapes what must be, and leaves commas and colons in texts alone", () => {
    const value = { 'a,b:"c"': "1,2: {3}\n", true: [true, false, -0.5, 1e21] };
    expect(spacedJson(value)).toBe('{"a,b:\\"c\\"": "1,2: {3}\\n", "true": [true, false, -0.5, 1e+21]}');
    expect(JSON.parse(spacedJson(value))).toEqual(value);
  });
});

describe("a copy as JSON would bring it back", () => {
  it("is deep, and of values that JSON knows only", () => {
    const value = { at: new Date(0), list: [1, undefined], gone: undefined, deep: { n: 1 } };
    const copy: unknown = jsonCopy(value, "it");
    value.deep.n = 2;
    expect(copy).toEqual({ at: "1970-01-01T00:00:00.000Z", list: [1, null], deep: { n: 1 } });
    expect(copy).not.toHaveProperty("gone");
    expect(jsonCopy(undefined, "it")).toBe(null);
  });

  const circle: { self?: unknown } = {};
  circle.self = circle;

  it.each([
    ["a number that is none", { n: Number.NaN }, '"n" is NaN'],
    ["an infinite number", [1, -Infinity], "-Infinity"],
    ["a big integer", { n: 2n ** 60n }, '"n" is 1152921504606846976'],
    ["a function", { f: () => 1 }, '"f" is'],
    ["a symbol", Symbol("s"), "it is Symbol(s)"],
    ["a circle", circle, "circular"],
  ])("refuses %s, and says where", (_, value, message) => {
    const copy = (): unknown => jsonCopy(value, "the value of foo");
    expect(copy).toThrow(ValidationError);
    expect(copy).toThrow("the value of foo cannot be stored as JSON");
    expect(copy).toThrow(message);
  });
});

it("text that is no JSON is a StorageError which names its place", () => {
  expect(() => parseJson("{", "/record/foo")).toThrow(StorageError);
  expect(() => parseJson("{", "/record/foo")).toThrow("/record/foo holds no JSON");
});

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { Connection, DynamoDBModel } from "dynatx";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { AttributeMap } from "../../src/dynamodb/attribute.js";
import { asModel, bindingOf } from "../../src/model/model-core.js";
import { judge } from "../../src/model/verdict.js";
import type { Verdict } from "../../src/model/verdict.js";
import type { Guard, Write } from "../../src/model/write.js";
import { intent, placeholderIntent } from "../support/raw-table.js";

const connection = new Connection({ client: new DynamoDBClient({ region: "us-east-1" }) }); // nothing is sent

class Note extends DynamoDBModel.define({
  table: "notes",
  hashKey: "id",
  schema: z.object({ id: z.string(), text: z.string().optional(), count: z.number().optional() }),
}) {}

const binding = bindingOf(asModel(Note.on(connection)));
const key = { id: { S: "a" } };
const [mine, seen, older, other] = ["mine----", "seen----", "older---", "other---"];

/** The item with these write ids. */
const item = (ids: string, more: AttributeMap = {}): AttributeMap => ({
  ...key,
  text: { S: "read" },
  ...more,
  ...(ids && { _v: { S: ids } }),
});
const read = item(seen + older);

/** A write in doubt that read `before`. */
const write = (before: AttributeMap | undefined, after: AttributeMap | undefined, generatedKey = false): Write => ({
  binding,
  key,
  keyValues: { id: "a" },
  before,
  after,
  writeId: mine,
  condition: undefined,
  generatedKey,
});

const after: AttributeMap = { ...key, text: { S: "written" } };
const save = write(read, after);
const unmarkedSave = write(item(""), after);
const remove = write(read, undefined);
const create = write(undefined, after);
const generated = write(undefined, after, true);
const blindDelete = write(undefined, undefined);

type Row = readonly [string, Write, Guard, AttributeMap | undefined, Verdict];

const rows: readonly Row[] = [
  ["own id newest: applied", save, "image", item(mine + seen + older), "applied"],
  ["own id under later ones: applied", save, "image", item(other + mine + seen), "applied"],
  ["own id, in a created item: applied", create, "image", item(mine), "applied"],
  ["own id under an intent: applied", save, "image", item(mine + seen, { _tx: intent }), "applied"],
  ["part of two ids that reads like the own one: not applied", save, "image", item("xxmine----xxxxxx"), "unknown"],
  ["ids as seen, image as seen: not applied yet", save, "image", read, "pending"],
  ["ids as seen, an attribute outside the schema came", save, "image", { ...read, extra: { S: "x" } }, "pending"],
  ["ids as seen, image changed: stale", save, "image", item(seen + older, { text: { S: "foreign" } }), "stale"],
  [
    "ids as seen, attribute of the schema came: stale",
    save,
    "image",
    item(seen + older, { count: { N: "1" } }),
    "stale",
  ],
  ["ids as seen, attribute gone: stale", save, "image", { ...key, _v: { S: seen + older } }, "stale"],
  ["the version counts alone", save, "version", item(seen + older, { text: { S: "foreign" } }), "pending"],
  ["an overwrite replaces it", save, "overwrite", item(seen + older, { text: { S: "foreign" } }), "pending"],
  ["newest seen id there without the own one: passed", save, "image", item(other + seen + older), "passed"],
  ["the same for an overwrite", save, "overwrite", item(other + seen + older), "passed"],
  ["the same for a delete", remove, "image", item(other + seen + older), "passed"],
  ["history cut: unknown", save, "image", item(other), "unknown"],
  ["only an older id is left: unknown", save, "image", item(other + older), "unknown"],
  ["ids dropped by another program: unknown", save, "image", item(""), "unknown"],
  ["item gone: unknown", save, "image", undefined, "unknown"],
  ["item gone, for an overwrite: unknown", save, "overwrite", undefined, "unknown"],
  ["no ids seen, none now: not applied yet", unmarkedSave, "image", item(""), "pending"],
  ["no ids seen, none now, changed: stale", unmarkedSave, "image", item("", { text: { S: "foreign" } }), "stale"],
  ["no ids seen, some now: unknown", unmarkedSave, "image", item(other), "unknown"],
  ["intent in the way", save, "image", { ...read, _tx: intent }, "held"],
  ["intent on a key to create", create, "image", { ...key, _tx: placeholderIntent }, "held"],
  ["intent on an item to delete", blindDelete, "overwrite", { ...read, _tx: intent }, "held"],
  ["create, key absent: unknown", create, "image", undefined, "unknown"],
  ["create, somebody else's item: unknown", create, "image", item(other), "unknown"],
  ["create, another program's item: unknown", create, "overwrite", item(""), "unknown"],
  ["generated key, absent: sent again", generated, "image", undefined, "pending"],
  ["generated key, somebody else's item: taken", generated, "image", item(other), "passed"],
  ["delete, gone: unknown who did it", remove, "image", undefined, "unknown"],
  ["delete, gone, version: unknown", remove, "version", undefined, "unknown"],
  ["delete without raiseOnConflict, gone: done", remove, "overwrite", undefined, "applied"],
  ["delete, as seen: not applied yet", remove, "image", read, "pending"],
  ["delete, created again: unknown", remove, "overwrite", item(other), "unknown"],
  ["delete of the unread, gone: done", blindDelete, "overwrite", undefined, "applied"],
  ["delete of the unread, no ids: not applied yet", blindDelete, "overwrite", item(""), "pending"],
  ["delete of the unread, ids: unknown whether newer", blindDelete, "overwrite", item(other), "unknown"],
];

describe("judge: the verdict on a write in doubt", () => {
  test.each(rows)("X1: %s", (_, doubtful, guard, stored, verdict) => {
    expect(judge(doubtful, guard, stored)).toBe(verdict);
  });
});

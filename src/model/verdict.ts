import { attributeOf } from "../dynamodb/attribute.js";
import type { AttributeMap } from "../dynamodb/attribute.js";
import type { Binding } from "./binding.js";
import { underIntent } from "../intents/intent.js";
import { guardHolds, writeIdLength } from "./write.js";
import type { Guard, Write } from "./write.js";

/** What an item shows about a write that was sent and not answered. */
export type Verdict =
  /** It carries the write's id, or the item to delete is gone: applied. */
  | "applied"
  /** Nothing has happened since: not applied yet. Sent again with the same id, only one of the two can pass. */
  | "pending"
  /** No writer of this library came since, but another program did: not applied yet, and it should not be. */
  | "stale"
  /** Everything since is listed, and this write is not: it can never pass now. */
  | "passed"
  /** A transaction in flight holds the item: look again. */
  | "held"
  /** Nobody can tell. */
  | "unknown";

/** The write ids an item carries, newest first. */
export function writeIds({ connection }: Binding, item: AttributeMap | undefined): string[] {
  const text = (item && attributeOf(item, connection.reserved.writeId)?.S) ?? "";
  const ids: string[] = [];
  for (let at = 0; at < text.length; at += writeIdLength) ids.push(text.slice(at, at + writeIdLength));
  return ids;
}

/** Judges a write in doubt by the item as it stands. */
export function judge(write: Write, guard: Guard, stored: AttributeMap | undefined): Verdict {
  const { binding, before, after, writeId } = write;
  const { reserved } = binding.connection;
  const now = writeIds(binding, stored);
  if (now.includes(writeId)) return "applied";
  const item = stored && underIntent(reserved, stored);
  if (stored !== undefined && attributeOf(stored, reserved.intent) !== undefined) return "held";
  if (before === undefined) return after === undefined ? judgeBlindDelete(item, now) : judgeCreate(write, item);
  if (item === undefined) return after === undefined && guard === "overwrite" ? "applied" : "unknown";
  if (guardHolds(write, "version", item)) return guardHolds(write, guard, item) ? "pending" : "stale";
  const [newest] = writeIds(binding, before);
  return newest !== undefined && now.includes(newest) ? "passed" : "unknown";
}

/**
 * A delete of an item that was not read: it passes only while there are no write ids. With ids now, the item may have
 * been there all the time, or have been deleted and created since: to delete it again might take a newer one away.
 */
function judgeBlindDelete(item: AttributeMap | undefined, now: readonly string[]): Verdict {
  if (item === undefined) return "applied";
  return now.length === 0 ? "pending" : "unknown";
}

/** Absent, it may have been created and deleted since; present, it may have been written over. A key nobody else could know is tried again. */
function judgeCreate({ generatedKey }: Write, item: AttributeMap | undefined): Verdict {
  if (!generatedKey) return "unknown";
  return item === undefined ? "pending" : "passed";
}

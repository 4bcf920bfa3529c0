import { DynamoDBModel, Transaction } from "dynatx";
import { z } from "zod";

const table = "things";
const schema = z.object({
  id: z.string(),
  count: z.number(),
  big: z.bigint(),
  at: z.date(),
  bytes: z.instanceof(Uint8Array),
  kind: z.enum(["a", "b"]),
  flag: z.boolean(),
  mixed: z.union([z.string(), z.number()]),
  text: z.string().optional(),
  empty: z.string().nullable(),
  expiry: z.date().optional(),
  always: z.date().default(() => new Date()),
});
// Without their class, so that each definition stays on a line.
const define = DynamoDBModel.define;
const defineTransaction = Transaction.define;

export function keys(): void {
  define({ table, schema, hashKey: "id" });
  define({ table, schema, hashKey: "at", rangeKey: "count" });
  define({ table, schema, hashKey: "bytes", rangeKey: "big" });
  define({ table, schema, hashKey: "kind", rangeKey: "at" });
  // @ts-expect-error -- a table is needed
  define({ schema, hashKey: "id" });
  // @ts-expect-error -- a hash key is needed
  define({ table, schema });
  // @ts-expect-error -- a schema is needed
  define({ table, hashKey: "id" });
  // @ts-expect-error -- not in the schema
  define({ table, schema, hashKey: "nothing" });
  // @ts-expect-error -- not in the schema
  define({ table, schema, hashKey: "id", rangeKey: "nothing" });
  // @ts-expect-error -- a boolean cannot be a key
  define({ table, schema, hashKey: "flag" });
  // @ts-expect-error -- nor can a mixture
  define({ table, schema, hashKey: "mixed" });
  // @ts-expect-error -- nor what may be absent
  define({ table, schema, hashKey: "text" });
  // @ts-expect-error -- nor null
  define({ table, schema, hashKey: "id", rangeKey: "empty" });
  // @ts-expect-error -- twice the same
  define({ table, schema, hashKey: "id", rangeKey: "id" });
  // @ts-expect-error -- no such option
  define({ table, schema, hashKey: "id", ragneKey: "at" });
}

export function indexes(): void {
  define({ table, schema, hashKey: "id", indexes: { byText: { hashKey: "text", rangeKey: "expiry" } } });
  define({ table, schema, hashKey: "id", indexes: { byKind: { hashKey: "kind", project: "keys" } } });
  define({ table, schema, hashKey: "id", indexes: { byKind: { hashKey: "kind", project: ["at", "flag"] } } });
  define({ table, schema, hashKey: "id", timestamps: true, indexes: { x: { hashKey: "id", rangeKey: "createdAt" } } });
  // @ts-expect-error -- not in the schema
  define({ table, schema, hashKey: "id", indexes: { x: { hashKey: "nothing" } } });
  // @ts-expect-error -- a boolean cannot be a key
  define({ table, schema, hashKey: "id", indexes: { x: { hashKey: "flag" } } });
  // @ts-expect-error -- nor a mixture, a range key either
  define({ table, schema, hashKey: "id", indexes: { x: { hashKey: "id", rangeKey: "mixed" } } });
  // @ts-expect-error -- null is stored, so it is no gap in the index
  define({ table, schema, hashKey: "id", indexes: { x: { hashKey: "empty" } } });
  // @ts-expect-error -- a hash key is needed
  define({ table, schema, hashKey: "id", indexes: { x: { rangeKey: "at" } } });
  // @ts-expect-error -- no such option
  define({ table, schema, hashKey: "id", indexes: { x: { hashKey: "at", range: "id" } } });
  // @ts-expect-error -- not in the schema
  define({ table, schema, hashKey: "id", indexes: { x: { hashKey: "at", project: ["nothing"] } } });
  // @ts-expect-error -- timestamps are not kept
  define({ table, schema, hashKey: "id", indexes: { x: { hashKey: "at", rangeKey: "createdAt" } } });
}

export function options(): void {
  define({ table, schema, hashKey: "count", autoIncrement: true });
  define({ table, schema, hashKey: "big", autoIncrement: true });
  define({ table, schema, hashKey: "id", ttl: "expiry" });
  define({ table, schema, hashKey: "id", ttl: "always" });
  define({ table, schema, hashKey: "id", concurrency: "version", historyDepth: 16 });
  const migrate = (raw: Record<string, unknown>): Record<string, unknown> => ({ ...raw, count: 1 });
  define({ table, schema, hashKey: "id", migrations: [{ version: 1, detect: (raw) => "id" in raw, migrate }] });
  // @ts-expect-error -- a numeric hash key
  define({ table, schema, hashKey: "id", autoIncrement: true });
  // @ts-expect-error -- a hash key alone
  define({ table, schema, hashKey: "count", rangeKey: "at", autoIncrement: true });
  // @ts-expect-error -- a date
  define({ table, schema, hashKey: "id", ttl: "count" });
  // @ts-expect-error -- a key does not expire
  define({ table, schema, hashKey: "id", rangeKey: "at", ttl: "at" });
  // @ts-expect-error -- no such mode
  define({ table, schema, hashKey: "id", concurrency: "none" });
  // @ts-expect-error -- no such timestamp
  define({ table, schema, hashKey: "id", timestamps: { madeAt: "made" } });
  // @ts-expect-error -- an attribute of the schema already
  define({ table, schema, hashKey: "id", timestamps: { createdAt: "at" } });
  // @ts-expect-error -- detect and migrate are needed
  define({ table, schema, hashKey: "id", migrations: [{ version: 1 }] });
}

/** What of schemas is known to be unstorable is refused by name; the rest when the class is defined. */
export function unstorable(): void {
  const attribute = <M extends z.core.SomeType>(m: M) => z.object({ id: z.string(), m });
  const hashKey = "id";
  define({
    table,
    hashKey,
    schema: attribute(z.codec(z.string(), z.date(), { decode: (x) => new Date(x), encode: String })),
  });
  const pairs = z.codec(z.string(), z.map(z.string(), z.string()), { decode: () => new Map(), encode: () => "" });
  define({ table, hashKey, schema: attribute(pairs) });
  define({ table, hashKey, schema: attribute(z.string().trim().pipe(z.string().min(3))) });
  // @ts-expect-error -- an object schema
  define({ table, hashKey, schema: z.string() });
  // @ts-expect-error -- a schema
  define({ table, hashKey, schema: { id: z.string() } });
  // @ts-expect-error -- unknown attributes cannot be typed
  define({ table, hashKey, schema: z.looseObject({ id: z.string() }) });
  // @ts-expect-error -- nor these
  define({ table, hashKey, schema: z.object({ id: z.string() }).catchall(z.string()) });
  // @ts-expect-error -- map
  define({ table, hashKey, schema: attribute(z.map(z.string(), z.string())) });
  // @ts-expect-error -- any
  define({ table, hashKey, schema: attribute(z.any()) });
  // @ts-expect-error -- unknown
  define({ table, hashKey, schema: attribute(z.unknown()) });
  // @ts-expect-error -- symbol
  define({ table, hashKey, schema: attribute(z.symbol()) });
  // @ts-expect-error -- never
  define({ table, hashKey, schema: attribute(z.never()) });
  // @ts-expect-error -- void
  define({ table, hashKey, schema: attribute(z.void()) });
  // @ts-expect-error -- undefined
  define({ table, hashKey, schema: attribute(z.undefined()) });
  // @ts-expect-error -- NaN
  define({ table, hashKey, schema: attribute(z.nan()) });
  // @ts-expect-error -- file
  define({ table, hashKey, schema: attribute(z.file()) });
  // @ts-expect-error -- promise
  define({ table, hashKey, schema: attribute(z.promise(z.string())) });
  // @ts-expect-error -- function
  define({ table, hashKey, schema: attribute(z.function()) });
  // @ts-expect-error -- a transform cannot be undone
  define({ table, hashKey, schema: attribute(z.string().transform(Number)) });
  // @ts-expect-error -- nor further on
  define({ table, hashKey, schema: attribute(z.string().transform(Number).pipe(z.number()).optional()) });
  // @ts-expect-error -- nor before
  define({ table, hashKey, schema: attribute(z.preprocess(Number, z.number())) });
  // @ts-expect-error -- wrapped, a map all the same
  define({ table, hashKey, schema: attribute(z.map(z.string(), z.string()).nullable().default(null).readonly()) });
  // @ts-expect-error -- a list of them neither
  define({ table, hashKey, schema: attribute(z.array(z.any())) });
  // @ts-expect-error -- nor a record
  define({ table, hashKey, schema: attribute(z.record(z.string(), z.unknown())) });
  // @ts-expect-error -- sets hold text, numbers or bytes
  define({ table, hashKey, schema: attribute(z.set(z.boolean())) });
}

export function names(): void {
  const hashKey = "id";
  const text = z.string();
  const id = text;
  define({ table, hashKey, schema: z.object({ id, constructor: text, "a.b": text, status: text, commit: text }) });
  // @ts-expect-error -- a method of instances
  define({ table, hashKey, schema: z.object({ id, save: text }) });
  // @ts-expect-error -- a method of instances
  define({ table, hashKey, schema: z.object({ id, delete: text.optional() }) });
  // @ts-expect-error -- a method of instances
  define({ table, hashKey, schema: z.object({ id, reload: text }) });
  // @ts-expect-error -- a method of instances
  define({ table, hashKey, schema: z.object({ id, toJSON: text }) });
  // @ts-expect-error -- the library's own
  define({ table, hashKey, schema: z.object({ id, _v: text }) });
  // @ts-expect-error -- the library's own
  define({ table, hashKey, schema: z.object({ id, _tx: text }) });
  // @ts-expect-error -- every transaction has it
  defineTransaction({ table, hashKey, schema: z.object({ id, status: text }) });
  // @ts-expect-error -- every transaction has it
  defineTransaction({ table, hashKey, schema: z.object({ id, datetime: text }) });
  // @ts-expect-error -- a method of transactions
  defineTransaction({ table, hashKey, schema: z.object({ id, commit: text }) });
  // @ts-expect-error -- a member of transactions
  defineTransaction({ table, hashKey, schema: z.object({ id, transient: z.boolean() }) });
  // @ts-expect-error -- a method of instances
  defineTransaction({ table, hashKey, schema: z.object({ id, save: text }) });
  // @ts-expect-error -- it is always datetime
  defineTransaction({ table, hashKey, rangeKey: "at", schema });
  // @ts-expect-error -- the library's own
  defineTransaction({ table, hashKey: "datetime", schema });
  // @ts-expect-error -- rows have their own times
  defineTransaction({ table, hashKey, schema, timestamps: true });
}

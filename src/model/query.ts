import type { AttributeMap } from "../dynamodb/attribute.js";
import type { IndexSpec, ModelSpec } from "./spec.js";
import { keyFields } from "./spec.js";

/** One page of a query or scan. */
export interface Page<M> extends ReadonlyArray<M> {
  /** Where the next page begins, for the option `cursor`; `undefined` after the last one. */
  readonly cursor: string | undefined;
}

/**
 * Items of a query or scan, requested as they are consumed: stopping early stops the requests. Each iteration starts
 * anew.
 */
export interface Query<out M> extends AsyncIterable<M> {
  /** All items. */
  toArray(): Promise<M[]>;
  /** The first item, or `undefined`. */
  first(): Promise<M | undefined>;
  /** Items in the pages DynamoDB makes (up to 1 MB read, `pageSize` items), which may be empty when a filter is given. */
  pages(): AsyncIterable<Page<M>>;
}

/** Rows as the database brings them: the items, and the key after which to go on. */
export interface RawPage {
  readonly items: readonly AttributeMap[];
  readonly next: AttributeMap | undefined;
}

export interface QuerySource<M> {
  /** One request: at most `limit` items evaluated, beginning after `start`. */
  fetch(start: AttributeMap | undefined, limit: number | undefined): Promise<RawPage>;
  /** Rows as instances; rows that nobody may see are left out. Each stays beside its row. */
  load(items: readonly AttributeMap[]): Promise<readonly { readonly row: AttributeMap; readonly instance: M }[]>;
  /** The most items to bring in all. */
  readonly limit: number | undefined;
  readonly pageSize: number | undefined;
  /** Whether DynamoDB filters: then a page of `limit` items read may hold none, so that the limit is not sent. */
  readonly filters: boolean;
  readonly cursor: AttributeMap | undefined;
  /** The key of a row, in the form of a start. */
  keyOf(row: AttributeMap): AttributeMap;
}

export class LazyQuery<M> implements Query<M> {
  readonly #source: QuerySource<M>;

  constructor(source: QuerySource<M>) {
    this.#source = source;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<M> {
    for await (const page of this.pages()) yield* page;
  }

  async toArray(): Promise<M[]> {
    const all: M[] = [];
    for await (const page of this.pages()) all.push(...page);
    return all;
  }

  async first(): Promise<M | undefined> {
    const one = new LazyQuery({ ...this.#source, limit: Math.min(1, this.#source.limit ?? 1) });
    for await (const item of one) return item;
    return undefined;
  }

  async *pages(): AsyncGenerator<Page<M>> {
    const source = this.#source;
    let left = source.limit ?? Infinity;
    let start = source.cursor;
    while (left > 0) {
      const { items, next } = await source.fetch(start, requestLimit(source, left));
      const loaded = await source.load(items);
      const taken = loaded.slice(0, Math.min(left, loaded.length));
      left -= taken.length;
      const last = taken.at(-1);
      // Cut short inside a page, the next one begins after the last item taken.
      const cut = taken.length < loaded.length && last !== undefined;
      start = cut ? source.keyOf(last.row) : next;
      const page = taken.map(({ instance }) => instance);
      yield Object.assign(page, { cursor: start === undefined ? undefined : encodeCursor(start) });
      if (start === undefined) return;
    }
  }
}

function requestLimit(
  { filters, pageSize }: { readonly filters: boolean; readonly pageSize: number | undefined },
  left: number,
): number | undefined {
  const wanted = filters ? Infinity : left;
  const limit = Math.min(pageSize ?? Infinity, wanted);
  return Number.isFinite(limit) ? limit : undefined;
}

/** The attributes by which DynamoDB goes on: the table's key, and the index's. */
export function startKey(spec: ModelSpec, index: IndexSpec | undefined, row: AttributeMap): AttributeMap {
  const fields = [...keyFields(spec), ...(index ? [index.hash, ...(index.range ? [index.range] : [])] : [])];
  return Object.fromEntries(
    fields.flatMap(({ stored }) => {
      const value = row[stored];
      return value === undefined ? [] : [[stored, value]];
    }),
  );
}

function encodeCursor(start: AttributeMap): string {
  const plain = Object.entries(start).map(([name, { S, N, B }]) => [
    name,
    B === undefined ? { S, N } : { B: Buffer.from(B).toString("base64") },
  ]);
  return Buffer.from(JSON.stringify(plain)).toString("base64url");
}

/** The start a cursor stands for, or `undefined` when it is none of ours. */
export function decodeCursor(cursor: string): AttributeMap | undefined {
  try {
    const entries: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    if (!Array.isArray(entries)) return undefined;
    const start: Record<string, AttributeMap[string]> = {};
    for (const [name, { S, N, B }] of entries) {
      if (typeof S === "string") start[name] = { S };
      else if (typeof N === "string") start[name] = { N };
      else if (typeof B === "string") start[name] = { B: Buffer.from(B, "base64") };
      else return undefined;
    }
    return start;
  } catch {
    return undefined; // not JSON, or JSON of another form
  }
}

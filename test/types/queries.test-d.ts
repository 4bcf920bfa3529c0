import { DynamoDBModel, beginsWith, between, eq, exists, ge, gt, isIn, lt, ne } from "dynatx";
import type { Page, Query } from "dynatx";
import { expectTypeOf } from "expect-type";
import { z } from "zod";
import { Account, Ship, Transfer } from "./models.js";

export async function results(): Promise<void> {
  const query = Account.query("a");
  expectTypeOf(query).toEqualTypeOf<Query<Account>>();
  expectTypeOf(await query.toArray()).toEqualTypeOf<Account[]>();
  expectTypeOf(await query.first()).toEqualTypeOf<Account | undefined>();
  for await (const account of query) expectTypeOf(account).toEqualTypeOf<Account>();
  for await (const page of query.pages()) {
    expectTypeOf(page).toEqualTypeOf<Page<Account>>();
    Account.query("a", { cursor: page.cursor });
  }
}

export function tables(date: Date, signal: AbortSignal): void {
  Ship.query("red", { range: between(date, date), filter: { tons: gt(5n) }, consistent: true, signal });
  Ship.query("red", { range: eq(date), reverse: true, limit: 10, pageSize: 5, validate: false });
  Transfer.query("ann", { range: beginsWith("2026"), filter: { status: eq("done") } });
  // @ts-expect-error -- a string
  Ship.query(5);
  // @ts-expect-error -- a date
  Ship.query("red", { range: ge("2026") });
  // @ts-expect-error -- dates have no prefix
  Ship.query("red", { range: beginsWith("2026") });
  // @ts-expect-error -- from and to are dates
  Ship.query("red", { range: between(date, 5) });
  // @ts-expect-error -- DynamoDB cannot ask this of a range key
  Ship.query("red", { range: ne(date) });
  // @ts-expect-error -- nor this
  Ship.query("red", { range: isIn([date]) });
  // @ts-expect-error -- nor this
  Ship.query("red", { range: exists() });
  // @ts-expect-error -- this table has no range key
  Account.query("a", { range: ge("b") });
  // @ts-expect-error -- a number
  Account.query("a", { limit: "10" });
  // @ts-expect-error -- not in the schema
  Account.query("a", { filter: { nothing: eq(1) } });
  // @ts-expect-error -- no such option
  Account.query("a", { ragne: ge("b") });
}

export function indexes(date: Date): void {
  Account.query("ann", { index: "byOwner", range: ge(date), reverse: true, limit: 10 });
  Account.query("savings", { index: "byKind" });
  Ship.query(5n, { index: "byTons", range: lt(date) });
  Transfer.query("done", { index: "byStatus", range: ge("2026") });
  // @ts-expect-error -- no such index
  Account.query("ann", { index: "byName" });
  // @ts-expect-error -- no such index, whatever the range
  Account.query("ann", { index: "byName", range: ge(date) });
  // @ts-expect-error -- its hash key is text
  Account.query(5, { index: "byOwner" });
  // @ts-expect-error -- its hash key is one of the kinds
  Account.query("other", { index: "byKind" });
  // @ts-expect-error -- its range key is a date
  Account.query("ann", { index: "byOwner", range: ge("2026") });
  // @ts-expect-error -- it has no range key
  Account.query("savings", { index: "byKind", range: ge("a") });
  // @ts-expect-error -- its hash key is a bigint
  Ship.query("red", { index: "byTons" });
  // @ts-expect-error -- a scan has no index
  Account.scan({ index: "byOwner" });
}

/** Bytes can be range keys, and have prefixes. */
export function bytes(prefix: Uint8Array<ArrayBuffer>): void {
  class Blob extends DynamoDBModel.define({
    table: "blobs",
    hashKey: "id",
    rangeKey: "hash",
    schema: z.object({ id: z.number(), hash: z.instanceof(Uint8Array) }),
  }) {}
  Blob.query(5, { range: beginsWith(prefix) });
  // @ts-expect-error -- bytes
  Blob.query(5, { range: beginsWith("x") });
}

/** `as` brings instances of another model, with their own members. */
export async function projection(): Promise<void> {
  const schema = z.object({ fleet: z.string(), launchedAt: z.date() });
  class ShipName extends DynamoDBModel.define({ table: "ships", hashKey: "fleet", rangeKey: "launchedAt", schema }) {
    shout(): string {
      return this.fleet.toUpperCase();
    }
  }
  expectTypeOf(await Ship.query("red", { as: ShipName }).toArray()).toEqualTypeOf<ShipName[]>();
  expectTypeOf(await Ship.query(5n, { as: ShipName, index: "byTons" }).first()).toEqualTypeOf<ShipName | undefined>();
  expectTypeOf(Ship.scan({ as: ShipName, filter: { tons: gt(1n) } })).toEqualTypeOf<Query<ShipName>>();
  // @ts-expect-error -- no model
  Ship.query("red", { as: Date });
  // @ts-expect-error -- the range key is that of the table asked
  Ship.query("red", { as: ShipName, range: ge("2026") });
}

/** Helpers of users take the options of a scan or query from its type. */
export function wrapped(): void {
  const scan = (options: Parameters<typeof Account.scan>[0]) => Account.scan(options);
  expectTypeOf(scan({ filter: { balance: gt(5) } })).toEqualTypeOf<Query<Account>>();
  // @ts-expect-error -- a number
  scan({ filter: { balance: gt("5") } });
}

import { DynamoDBModel, eq } from "dynatx";
import { expectTypeOf } from "expect-type";
import { z } from "zod";
import { Account, Ship } from "./models.js";

type AccountNumber = string & z.$brand<"AccountNumber">;

/** Never run, like everything in these files: that it compiles is the test. */
export function attributes(account: Account, ship: Ship): void {
  expectTypeOf(account.id).toEqualTypeOf<string>();
  expectTypeOf(account.kind).toEqualTypeOf<"current" | "savings">();
  expectTypeOf(account.balance).toEqualTypeOf<number>();
  expectTypeOf(account.tags).toEqualTypeOf<Set<string>>();
  expectTypeOf(account.openedAt).toEqualTypeOf<Date>();
  expectTypeOf(account.number).toEqualTypeOf<AccountNumber>();
  expectTypeOf(account.address).toEqualTypeOf<{ street: string; zip?: number | undefined } | null>();
  expectTypeOf(account.history).toEqualTypeOf<{ at: Date; amount: number }[]>();
  expectTypeOf(account.labels).toEqualTypeOf<readonly string[] | undefined>();
  expectTypeOf(account.scores).toEqualTypeOf<Record<string, number> | undefined>();
  expectTypeOf(account.event).toEqualTypeOf<
    { type: "opened"; by: string } | { type: "moved"; amount: number } | undefined
  >();
  expectTypeOf(ship.tons).toEqualTypeOf<bigint>();
  // @ts-expect-error -- not in the schema
  void account.nothing;
  // @ts-expect-error -- balance is a number
  account.balance = "5";
}

/** An optional attribute is always there, possibly undefined: it can be emptied under exactOptionalPropertyTypes. */
export function optional(account: Account): void {
  expectTypeOf(account).toHaveProperty("note").toEqualTypeOf<string | undefined>();
  expectTypeOf<undefined extends Account["note"] ? true : false>().toEqualTypeOf<true>();
  expectTypeOf<object extends Pick<Account, "note"> ? true : false>().toEqualTypeOf<false>();
  account.note = undefined;
  // @ts-expect-error -- address is nullable, not optional
  account.address = undefined;
}

export function construction(number: AccountNumber): void {
  new Account({ id: "a", owner: "ann", number, address: null });
  new Account({
    id: "a",
    owner: "ann",
    number,
    address: { street: "x" },
    balance: 1,
    note: undefined,
    tags: new Set(),
  });
  // @ts-expect-error -- owner is missing
  new Account({ id: "a", number, address: null });
  // @ts-expect-error -- balance is a number
  new Account({ id: "a", owner: "ann", number, address: null, balance: "1" });
  // @ts-expect-error -- not in the schema
  new Account({ id: "a", owner: "ann", number, address: null, nothing: 1 });
  // @ts-expect-error -- not one of the kinds
  new Account({ id: "a", owner: "ann", number, address: null, kind: "other" });
  // A brand marks what was validated: what goes in is plain.
  new Account({ id: "a", owner: "ann", number: "5", address: null });
  // @ts-expect-error -- values are needed
  new Account();
  // @ts-expect-error -- abstract
  new DynamoDBModel();
}

/** What goes in may differ from what comes out: coercions and codecs. */
export function inputs(): void {
  const cents = z.codec(z.string(), z.number(), { decode: Number, encode: String });
  class Price extends DynamoDBModel.define({
    table: "prices",
    hashKey: "id",
    schema: z.object({ id: z.uuid(), cents, seen: z.coerce.boolean(), at: z.string().prefault("now") }),
  }) {}
  const price = new Price({ id: "x", cents: "5", seen: 1 });
  expectTypeOf(price.cents).toEqualTypeOf<number>();
  expectTypeOf(price.seen).toEqualTypeOf<boolean>();
  expectTypeOf(price.at).toEqualTypeOf<string>();
  // @ts-expect-error -- the codec takes text
  new Price({ id: "x", cents: 5, seen: true });
}

/** Kept by the library, so read-only; undefined until the first save. */
export function timestamps(ship: Ship): void {
  expectTypeOf(ship.createdAt).toEqualTypeOf<Date | undefined>();
  // @ts-expect-error -- read-only
  ship.createdAt = new Date();
  // @ts-expect-error -- read-only
  ship.updatedAt = undefined;
  // @ts-expect-error -- not a value of the schema
  new Ship({ fleet: "red", launchedAt: new Date(), tons: 1n, createdAt: new Date() });
  class Named extends DynamoDBModel.define({
    table: "named",
    hashKey: "id",
    timestamps: { updatedAt: "touched" },
    schema: z.object({ id: z.string() }),
  }) {}
  const named = new Named({ id: "x" });
  expectTypeOf(named.touched).toEqualTypeOf<Date | undefined>();
  // @ts-expect-error -- was not asked for
  void named.createdAt;
}

export function autoIncrement(): void {
  const schema = z.object({ id: z.number(), name: z.string() });
  class Ticket extends DynamoDBModel.define({ table: "tickets", hashKey: "id", autoIncrement: true, schema }) {}
  new Ticket({ name: "x" });
  const ticket = new Ticket({ id: 5, name: "x" });
  expectTypeOf(ticket.id).toEqualTypeOf<number>();
  class Plain extends DynamoDBModel.define({ table: "tickets", hashKey: "id", autoIncrement: false, schema }) {}
  // @ts-expect-error -- nothing gives the key
  new Plain({ name: "x" });
}

export async function methods(account: Account, signal: AbortSignal): Promise<void> {
  expectTypeOf(account.save()).toEqualTypeOf<Promise<void>>();
  await account.save({ raiseOnConflict: true, condition: { balance: eq(5) }, signal });
  await account.delete({ raiseOnConflict: true, condition: { note: eq("x") }, signal });
  await account.reload({ consistent: false, signal });
  expectTypeOf(account.toJSON()).toEqualTypeOf<Record<string, unknown>>();
  // @ts-expect-error -- not in the schema
  await account.save({ condition: { nothing: eq(1) } });
  // @ts-expect-error -- balance is a number
  await account.delete({ condition: { balance: eq("5") } });
  // @ts-expect-error -- a boolean
  await account.save({ raiseOnConflict: "yes" });
  // @ts-expect-error -- an option of save
  await account.reload({ raiseOnConflict: true });
}

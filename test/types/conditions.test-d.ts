import { and, beginsWith, between, contains, eq, exists, ge, gt, isIn, le, lt, ne, not, notExists, or } from "dynatx";
import type { Condition } from "dynatx";
import { Account, type Ship } from "./models.js";

type Filter = Condition<Account>;

/** A type of its own, so that each line below is one test. */
function ok(filter: Filter): Filter {
  return filter;
}

export function equality(date: Date, text: string): void {
  ok({ balance: eq(5), kind: ne("savings"), note: eq("x"), closed: eq(true), owed: eq(5n), openedAt: eq(date) });
  ok({ address: eq(null), ratio: eq(1), tags: eq(new Set(["a"])), labels: eq(["a"]), owner: eq(text) });
  ok({ event: eq({ type: "moved", amount: 1 }), extra: eq({ a: [1, "x", null] }), history: eq([]) });
  ok({ kind: isIn(["current", "savings"]), balance: isIn(new Set([1, 2])), ratio: isIn([1, "a"]), note: isIn([]) });
  // @ts-expect-error -- a number
  ok({ balance: eq("5") });
  // @ts-expect-error -- a test, not a value
  ok({ balance: 5 });
  // @ts-expect-error -- a number, no bigint
  ok({ balance: ne(5n) });
  // @ts-expect-error -- a bigint, no number
  ok({ owed: eq(5) });
  // @ts-expect-error -- not one of the kinds
  ok({ kind: eq("other") });
  // @ts-expect-error -- not all of the kinds
  ok({ kind: isIn(["current", "other"]) });
  // @ts-expect-error -- a plain string is no account number
  ok({ number: eq("5") });
  // @ts-expect-error -- a set, no list
  ok({ tags: eq(["a"]) });
  // @ts-expect-error -- not of the union
  ok({ ratio: eq(true) });
  // @ts-expect-error -- absence is notExists()
  ok({ note: eq(null) });
  // @ts-expect-error -- the street is text
  ok({ address: eq({ street: 5 }) });
  // @ts-expect-error -- no member of the union
  ok({ event: eq({ type: "opened", amount: 1 }) });
}

export function order(date: Date): void {
  ok({ balance: lt(5), owed: le(5n), openedAt: gt(date), owner: ge("a"), photo: gt(new Uint8Array()) });
  ok({ balance: between(1, 5), openedAt: between(date, date), owner: beginsWith("a"), ratio: gt(1) });
  // @ts-expect-error -- a number
  ok({ balance: lt("5") });
  // @ts-expect-error -- text
  ok({ owner: gt(5) });
  // @ts-expect-error -- booleans have no order
  ok({ closed: gt(true) });
  // @ts-expect-error -- sets have no order
  ok({ tags: gt(new Set(["a"])) });
  // @ts-expect-error -- two bounds
  ok({ balance: between(1) });
  // @ts-expect-error -- both bounds are numbers
  ok({ balance: between(1, "5") });
  // @ts-expect-error -- numbers have no prefix
  ok({ balance: beginsWith("1") });
  // @ts-expect-error -- a date is no text here
  ok({ openedAt: beginsWith("2026") });
  // @ts-expect-error -- a prefix is text
  ok({ owner: beginsWith(1) });
}

export function collections(date: Date): void {
  ok({ tags: contains("a"), owner: contains("nn"), labels: contains("a") });
  ok({ history: contains({ at: date, amount: 1 }) });
  // @ts-expect-error -- a set of text
  ok({ tags: contains(1) });
  // @ts-expect-error -- a part of a text is text
  ok({ owner: contains(1) });
  // @ts-expect-error -- a number contains nothing
  ok({ balance: contains(1) });
  // @ts-expect-error -- a whole element
  ok({ history: contains({ at: date }) });
}

export function presence(): void {
  ok({ note: exists(), address: notExists(), tags: exists() });
  // @ts-expect-error -- not in the schema
  ok({ nothing: exists() });
}

export function nested(): void {
  ok({ address: { street: eq("x"), zip: gt(5) }, limits: { day: { most: ge(1), seen: contains(1) } } });
  ok({ scores: { chess: gt(5) }, event: { type: eq("moved"), amount: gt(1) } });
  // @ts-expect-error -- no such member
  ok({ address: { stret: eq("x") } });
  // @ts-expect-error -- text
  ok({ address: { street: eq(5) } });
  // @ts-expect-error -- deep down a number
  ok({ limits: { day: { most: gt("5") } } });
  // @ts-expect-error -- a number
  ok({ scores: { chess: gt("5") } });
  // @ts-expect-error -- no such event
  ok({ event: { type: eq("closed") } });
}

export function combinations(): void {
  ok(or({ balance: eq(5) }, and({ owner: eq("x") }, not({ note: exists() }))));
  ok({ balance: or(eq(5), gt(10)), owner: not(beginsWith("a")), note: and(exists(), ne("x")) });
  ok({ address: or(eq(null), { street: eq("x") }) });
  // @ts-expect-error -- a number
  ok(or({ balance: eq("5") }));
  // @ts-expect-error -- not in the schema
  ok(and({ owner: eq("x"), nothing: eq(5) }));
  // @ts-expect-error -- not in the schema
  ok(not({ owner: eq("x"), nothing: eq(5) }));
  // @ts-expect-error -- not in the schema, two levels down
  ok(and({ owner: eq("x") }, not({ nothing: eq("x") })));
  // @ts-expect-error -- a number
  ok({ balance: or(eq(5), eq("x")) });
  // @ts-expect-error -- a number
  ok({ balance: not(eq("x")) });
  // @ts-expect-error -- a test needs an attribute
  ok(eq(5));
}

/** A condition with a name says what it is about. */
export async function named(ship: Ship): Promise<void> {
  const rich: Condition<Account> = and({ balance: ge(100) }, { closed: notExists() });
  Account.scan({ filter: rich });
  await Account.update("a", { balance: 0 }, { condition: rich });
  // @ts-expect-error -- of another model
  await ship.save({ condition: rich });
}

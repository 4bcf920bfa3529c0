import { add, append, eq, gt, ifAbsent, patch, prepend, remove, union, without } from "dynatx";
import type { Changes } from "dynatx";
import type { z } from "zod";
import { Account, Ship } from "./models.js";

const date = new Date();
type AccountChanges = Parameters<typeof Account.update>[1];

/** One line, one test. */
function ok(changes: AccountChanges): void {
  void changes;
}

export function values(number: string & z.$brand<"AccountNumber">): void {
  ok({ balance: 1, owner: "bob", kind: "savings", tags: new Set(["x"]), openedAt: date, number, owed: 5n });
  ok({ address: null, ratio: "x", labels: ["a"], scores: { chess: 1 }, closed: true, photo: new Uint8Array() });
  ok({ event: { type: "moved", amount: 1 }, extra: { a: [1, null] }, history: [{ at: date, amount: 1 }] });
  ok({ address: { street: "x" } });
  // @ts-expect-error -- a number
  ok({ balance: "1" });
  // @ts-expect-error -- not in the schema
  ok({ nothing: 1 });
  // @ts-expect-error -- not one of the kinds
  ok({ kind: "other" });
  // @ts-expect-error -- a plain string is no account number
  ok({ number: "5" });
  // @ts-expect-error -- a date
  ok({ openedAt: "2026" });
  // @ts-expect-error -- a set
  ok({ tags: ["x"] });
  // @ts-expect-error -- not nullable
  ok({ owner: null });
  // @ts-expect-error -- remove() says so
  ok({ note: undefined });
  // @ts-expect-error -- a test is no change
  ok({ owner: eq("x") });
}

export function keys(): void {
  // @ts-expect-error -- the key stays
  ok({ id: "b" });
  // @ts-expect-error -- in whatever way
  ok({ id: ifAbsent("b") });
  // @ts-expect-error -- the range key too
  void Ship.update("red", date, { launchedAt: date });
  // @ts-expect-error -- kept by the library
  void Ship.update("red", date, { createdAt: date });
  // @ts-expect-error -- kept by the library
  void Ship.update("red", date, { updatedAt: remove() });
}

export function numbers(): void {
  ok({ balance: add(-5), owed: add(5n), ratio: add(1) });
  // @ts-expect-error -- a number
  ok({ balance: add("5") });
  // @ts-expect-error -- no bigint
  ok({ balance: add(5n) });
  // @ts-expect-error -- a bigint
  ok({ owed: add(5) });
  // @ts-expect-error -- text
  ok({ owner: add(5) });
}

export function presence(): void {
  ok({ note: remove(), owed: remove(), limits: remove(), balance: ifAbsent(5) });
  ok({ note: ifAbsent("x"), address: ifAbsent({ street: "x" }) });
  // @ts-expect-error -- required
  ok({ owner: remove() });
  // @ts-expect-error -- always read as its default
  ok({ balance: remove() });
  // @ts-expect-error -- nullable, not optional
  ok({ address: remove() });
  // @ts-expect-error -- text
  ok({ owner: ifAbsent(5) });
}

export function lists(): void {
  ok({ history: append({ at: date, amount: 1 }), labels: prepend("a", "b") });
  // @ts-expect-error -- whole elements
  ok({ history: append({ at: date }) });
  // @ts-expect-error -- elements of the list
  ok({ labels: prepend(1) });
  // @ts-expect-error -- a set is no list
  ok({ tags: append("x") });
  // @ts-expect-error -- text is no list
  ok({ owner: append("x") });
}

export function sets(): void {
  ok({ tags: union(["x"]) });
  ok({ tags: without(new Set(["x"])) });
  // @ts-expect-error -- a set of text
  ok({ tags: union([1]) });
  // @ts-expect-error -- a set of text
  ok({ tags: without([1]) });
  // @ts-expect-error -- a list is no set
  ok({ labels: union(["x"]) });
}

export function nested(): void {
  ok({ address: patch({ street: "x", zip: remove() }), scores: patch({ chess: add(1) }) });
  ok({ limits: patch({ day: patch({ most: add(1), seen: union([1]) }) }) });
  // @ts-expect-error -- no such member
  ok({ address: patch({ stret: "x" }) });
  // @ts-expect-error -- text
  ok({ address: patch({ street: 5 }) });
  // @ts-expect-error -- a required member
  ok({ address: patch({ street: remove() }) });
  // @ts-expect-error -- deep down a number
  ok({ limits: patch({ day: patch({ most: add(1n) }) }) });
  // @ts-expect-error -- text has no members
  ok({ owner: patch({ length: 1 }) });
  // @ts-expect-error -- which event it is stands in the database: set it as a whole
  ok({ event: patch({ amount: 1 }) });
}

export async function conditions(): Promise<void> {
  await Account.update("a", { balance: add(-5), note: remove() }, { condition: { balance: gt(5) } });
  // @ts-expect-error -- a number
  await Account.update("a", { balance: 1 }, { condition: { balance: eq("x") } });
  // @ts-expect-error -- not in the schema
  await Account.update("a", { balance: 1 }, { condition: { nothing: eq("x") } });
  // @ts-expect-error -- no such option
  await Account.update("a", { balance: 1 }, { conditions: {} });
}

/** Changes with a name. */
export function named(): void {
  const changes: Changes<Account, "id"> = { balance: add(1) };
  ok(changes);
}

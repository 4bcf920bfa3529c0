import { remove } from "dynatx";
import type { Connection, Getter, ReadOptions } from "dynatx";
import { expectTypeOf } from "expect-type";
import { Account, Ship, Transfer } from "./models.js";

/** D12: a wrong number or type of key values is a compile error. */
export async function simpleKeys(options: ReadOptions): Promise<void> {
  expectTypeOf(await Account.get("a")).toEqualTypeOf<Account>();
  expectTypeOf(await Account.get("a", options)).toEqualTypeOf<Account>();
  expectTypeOf(await Account.find("a", { consistent: false, validate: false })).toEqualTypeOf<Account | undefined>();
  expectTypeOf(Account.at("a")).toEqualTypeOf<Getter<Account>>();
  expectTypeOf(Account.at("a")()).toEqualTypeOf<Promise<Account>>();
  expectTypeOf(await Account.getBatch(["a", "b"])).toEqualTypeOf<(Account | undefined)[]>();
  expectTypeOf(await Account.update("a", { note: remove() })).toEqualTypeOf<Account>();
  // @ts-expect-error -- a string
  await Account.get(1);
  // @ts-expect-error -- one key
  await Account.get("a", "b");
  // @ts-expect-error -- one key
  await Account.get();
  // @ts-expect-error -- no such option
  await Account.get("a", { consistant: true });
  // @ts-expect-error -- a string
  await Account.find(new Date());
  // @ts-expect-error -- a string
  Account.at(1);
  // @ts-expect-error -- a getter takes no options
  Account.at("a", {});
  // @ts-expect-error -- strings
  await Account.getBatch([1]);
  // @ts-expect-error -- a simple key is no pair
  await Account.getBatch([["a", "b"]]);
  // @ts-expect-error -- a list
  await Account.getBatch("a");
  // @ts-expect-error -- a string
  await Account.update(1, { note: "x" });
  // @ts-expect-error -- changes are missing
  await Account.update("a");
}

export async function compositeKeys(date: Date): Promise<void> {
  expectTypeOf(await Ship.get("red", date)).toEqualTypeOf<Ship>();
  expectTypeOf(await Ship.find("red", date)).toEqualTypeOf<Ship | undefined>();
  expectTypeOf(Ship.at("red", date)).toEqualTypeOf<Getter<Ship>>();
  expectTypeOf(await Ship.update("red", date, { tons: 1n })).toEqualTypeOf<Ship>();
  const keys: readonly [string, Date][] = [["red", date]];
  expectTypeOf(await Ship.getBatch(keys)).toEqualTypeOf<(Ship | undefined)[]>();
  expectTypeOf(await Transfer.get("ann", "2026")).toEqualTypeOf<Transfer>();
  // @ts-expect-error -- two keys
  await Ship.get("red");
  // @ts-expect-error -- a date
  await Ship.get("red", "2026");
  // @ts-expect-error -- in the other order
  await Ship.find(date, "red");
  // @ts-expect-error -- two keys
  Ship.at("red");
  // @ts-expect-error -- pairs
  await Ship.getBatch(["red"]);
  // @ts-expect-error -- pairs of string and date
  await Ship.getBatch([["red", "2026"]]);
  // @ts-expect-error -- pairs
  await Ship.getBatch([["red"]]);
  // @ts-expect-error -- two keys
  await Ship.update("red", { tons: 1n });
  // @ts-expect-error -- the range key of a transaction is text
  await Transfer.get("ann", date);
}

export async function batchWrite(account: Account, ship: Ship, date: Date): Promise<void> {
  await Account.batchWrite({ put: [account], delete: ["a"] }, { bulk: true });
  await Ship.batchWrite({ delete: [["red", date]] });
  // @ts-expect-error -- another model
  await Account.batchWrite({ put: [ship] });
  // @ts-expect-error -- no instance
  await Account.batchWrite({ put: [{}] });
  // @ts-expect-error -- a string
  await Account.batchWrite({ delete: [1] });
  // @ts-expect-error -- no such list
  await Account.batchWrite({ puts: [] });
}

/** Results are instances of the class that was asked, with its own members. */
export async function subclasses(connection: Connection): Promise<void> {
  class Vip extends Account {
    readonly rank = 1;
    bow(): string {
      return this.owner;
    }
  }
  expectTypeOf(await Vip.get("a")).toEqualTypeOf<Vip>();
  expectTypeOf(await Vip.find("a")).toEqualTypeOf<Vip | undefined>();
  expectTypeOf(Vip.at("a")).toEqualTypeOf<Getter<Vip>>();
  expectTypeOf(await Vip.getBatch(["a"])).toEqualTypeOf<(Vip | undefined)[]>();
  expectTypeOf(await Vip.query("a").toArray()).toEqualTypeOf<Vip[]>();
  expectTypeOf(await Vip.query("ann", { index: "byOwner" }).first()).toEqualTypeOf<Vip | undefined>();
  expectTypeOf(await Vip.scan().toArray()).toEqualTypeOf<Vip[]>();
  expectTypeOf(await Vip.update("a", { balance: 1 })).toEqualTypeOf<Vip>();
  expectTypeOf(Vip.on(connection)).toEqualTypeOf<typeof Vip>();
  expectTypeOf(await Vip.on(connection).get("a")).toEqualTypeOf<Vip>();
  (await Vip.get("a")).bow();
}

export async function params(account: Account, ship: Ship, date: Date): Promise<void> {
  expectTypeOf(Account.params.get("a").TableName).toEqualTypeOf<string | undefined>();
  Account.params.put(account, { raiseOnConflict: true });
  Account.params.delete(account);
  Account.params.update("a", { balance: 1 });
  Account.params.query("ann", { index: "byOwner", limit: 1 });
  Account.params.scan({ limit: 1 });
  Ship.params.get("red", date);
  // @ts-expect-error -- a string
  Account.params.get(1);
  // @ts-expect-error -- no instance
  Account.params.put({});
  // @ts-expect-error -- another model
  Account.params.put(ship);
  // @ts-expect-error -- not in the schema
  Account.params.update("a", { nothing: 1 });
  // @ts-expect-error -- the key stays
  Account.params.update("a", { id: "b" });
  // @ts-expect-error -- two keys
  Ship.params.get("red");
}

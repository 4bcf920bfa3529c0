import { expectTypeOf } from "expect-type";
import { Account, Ship, Transfer } from "./exported-models.js";

/** Never run: that it compiles against the declarations of `exported-models.ts` is the test. */
export async function use(): Promise<void> {
  const account = await Account.get("a");
  expectTypeOf(account).toEqualTypeOf<Account>();
  expectTypeOf(account.balance).toEqualTypeOf<number>();
  expectTypeOf(account.tags).toEqualTypeOf<Set<string>>();
  expectTypeOf(account.note).toEqualTypeOf<string | undefined>();
  expectTypeOf(account.address).toEqualTypeOf<{ street: string; city: string } | null>();
  account.withdraw(1);
  // @ts-expect-error the key of an account is a string
  await Account.get(1);
  // @ts-expect-error an account has no such attribute
  await Account.update("a", { nothing: 1 });

  const ship = await Ship.get("red", new Date());
  expectTypeOf(ship.tons).toEqualTypeOf<bigint>();
  expectTypeOf(ship.createdAt).toEqualTypeOf<Date | undefined>();
  // @ts-expect-error a ship has a composite key
  await Ship.get("red");

  const transfer = new Transfer({ requesterId: "ann", from: "a", amount: 5 });
  expectTypeOf(transfer.amount).toEqualTypeOf<number>();
  // @ts-expect-error `from` is missing
  new Transfer({ requesterId: "ann", amount: 5 });
}

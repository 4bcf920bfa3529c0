import { listRecoverable, runTx } from "dynatx/zktx";
import type { StorageTransaction, TXRecord, TXStatus } from "dynatx/zktx";
import { ZKStorage, ZKTransaction } from "dynatx/zookeeper";
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

/** Never run: the declarations of these entry points ask for no types of a client of ZooKeeper. */
export async function lock(): Promise<void> {
  const storage = new ZKStorage({ hosts: "127.0.0.1:2181", sessionTimeout: 5000 });
  const [status] = await runTx(storage, async (tx) => {
    expectTypeOf(tx).toEqualTypeOf<StorageTransaction>();
    const foo = await tx.lockGet<number>("foo");
    expectTypeOf(foo.v).toEqualTypeOf<number>();
    expectTypeOf(await tx.lockGet<number>("foo", { blocking: false })).toEqualTypeOf<TXRecord<number> | null>();
  });
  expectTypeOf(status).toEqualTypeOf<TXStatus>();
  for await (const [txid] of listRecoverable(storage)) expectTypeOf(txid).toEqualTypeOf<number>();
  // @ts-expect-error a transaction is on something
  new ZKTransaction();
}

import { atomic, sequential, transact } from "dynatx";
import type { AtomicBackend, Backend, TransactionContext } from "dynatx";
import { expectTypeOf } from "expect-type";
import { Account, Ship, Transfer } from "./models.js";

/** What comes back is what the function returns, and the context brings instances of the class it is asked for. */
export async function transactions(): Promise<void> {
  const value = await transact(async (tx) => {
    expectTypeOf(tx).toEqualTypeOf<TransactionContext>();
    const account = await tx.get(Account, "a");
    expectTypeOf(account).toEqualTypeOf<Account>();
    expectTypeOf(await tx.find(Account, "a")).toEqualTypeOf<Account | undefined>();
    expectTypeOf(await tx.get(Ship, "red", new Date())).toEqualTypeOf<Ship>();
    expectTypeOf(await tx.find(Transfer, "ann", "2026")).toEqualTypeOf<Transfer | undefined>();
    expectTypeOf(tx.put(account)).toEqualTypeOf<void>();
    expectTypeOf(tx.delete(account)).toEqualTypeOf<void>();
    // @ts-expect-error -- the key of an account is a string
    await tx.get(Account, 1);
    // @ts-expect-error -- a ship has a composite key
    await tx.get(Ship, "red");
    // @ts-expect-error -- an account has no range key
    await tx.find(Account, "a", "b");
    // @ts-expect-error -- no model
    await tx.get(Date, "a");
    // @ts-expect-error -- no instance of a model
    tx.put({ id: "a" });
    return account.balance;
  });
  expectTypeOf(value).toEqualTypeOf<number>();
  expectTypeOf(transact(() => "now")).toEqualTypeOf<Promise<string>>();
}

export async function options(signal: AbortSignal, either: Backend): Promise<void> {
  await transact(() => {}, { backend: atomic({ path: "intents", apply: "await" }), maxRetries: 3, signal });
  expectTypeOf(atomic()).toEqualTypeOf<AtomicBackend>();
  expectTypeOf(atomic()).toExtend<Backend>();
  // @ts-expect-error -- it cannot hold writes back
  await transact(() => {}, { backend: sequential() });
  // @ts-expect-error -- it may be one that cannot
  await transact(() => {}, { backend: either });
  // @ts-expect-error -- no such path
  atomic({ path: "fast" });
  await new Transfer({ requesterId: "ann", from: "a", amount: 5 }).commit({ backend: atomic() });
  class Whole extends Transfer {
    static override backend = atomic();
  }
  expectTypeOf(Whole.backend).toEqualTypeOf<AtomicBackend>();
}

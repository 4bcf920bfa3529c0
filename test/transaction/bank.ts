import { randomUUID } from "node:crypto";
import { DynamoDBModel, Transaction, transactor } from "dynatx";
import { z } from "zod";

export class InsufficientFunds extends Error {}

export class Account extends DynamoDBModel.define({
  table: "accounts",
  hashKey: "id",
  schema: z.object({ id: z.string(), balance: z.number().int().default(0) }),
}) {
  withdraw(amount: number): void {
    if (amount > this.balance) throw new InsufficientFunds(`${this.id} has ${this.balance}, not ${amount}`);
    this.balance -= amount;
  }
}

/** Two targets: takes from one account and gives to another. */
export class Transfer extends Transaction.define({
  table: "transfers",
  hashKey: "requesterId",
  schema: z.object({ requesterId: z.string(), from: z.string(), to: z.string(), amount: z.number().int().positive() }),
}) {
  override transactors() {
    return [
      transactor(Account.at(this.from), (account) => account.withdraw(this.amount)),
      transactor(Account.at(this.to), (account) => {
        account.balance += this.amount;
      }),
    ];
  }
}

/** An operation on one account: the single-target pair. */
export class Deposit extends Transaction.define({
  table: "deposits",
  hashKey: "requesterId",
  schema: z.object({ requesterId: z.string(), to: z.string(), amount: z.number().int() }),
}) {
  override getTarget(): Promise<Account> {
    return Account.get(this.to);
  }
  override alterTarget(account: Account): void {
    account.balance += this.amount;
  }
}

/** Has a row and nothing else: each test adds the hooks it is about. */
export class Operation extends Transaction.define({
  table: "operations",
  hashKey: "requester",
  schema: z.object({ requester: z.string() }),
}) {
  /** The rows that tell of this requester's operations, oldest first. */
  rows(): Promise<Operation[]> {
    return Operation.query(this.requester, { consistent: true }).toArray();
  }
}

export const unique = (): string => randomUUID();

/** A saved account under a new id. */
export async function openAccount(balance = 0): Promise<Account> {
  const account = new Account({ id: unique(), balance });
  await account.save();
  return account;
}

export async function balanceOf({ id }: Account): Promise<number> {
  return (await Account.get(id)).balance;
}

/** What a promise is rejected with. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("expected a failure");
}

/** Money: accounts, and transfers between them. */
import { DynamoDBModel, Transaction, transactor } from "dynatx";
import type { Transactor } from "dynatx";
import { z } from "zod";

export class InsufficientFunds extends Error {
  readonly account: string;

  constructor(account: string) {
    super(`account ${account} does not hold enough`);
    this.name = "InsufficientFunds";
    this.account = account;
  }
}

export class Account extends DynamoDBModel.define({
  table: "accounts",
  hashKey: "id",
  indexes: { byOwner: { hashKey: "owner", rangeKey: "openedAt" } },
  schema: z.object({
    id: z.string(),
    owner: z.string(),
    balance: z.number().int().default(0),
    openedAt: z.date().default(() => new Date()),
  }),
}) {
  withdraw(amount: number): void {
    if (amount > this.balance) throw new InsufficientFunds(this.id);
    this.balance -= amount;
  }

  deposit(amount: number): void {
    this.balance += amount;
  }
}

export class Transfer extends Transaction.define({
  table: "transfers",
  hashKey: "requesterId",
  schema: z.object({
    requesterId: z.string(),
    from: z.string(),
    to: z.string(),
    amount: z.number().int().positive(),
  }),
}) {
  override transactors(): Transactor[] {
    return [
      transactor(Account.at(this.from), (account) => account.withdraw(this.amount)),
      transactor(
        () => Account.get(this.to),
        (account) => account.deposit(this.amount),
      ), // a getter may be any function
    ];
  }
}

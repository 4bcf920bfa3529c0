import { DynamoDBModel, Transaction, transactor } from "dynatx";
import { z } from "zod";

/** One hash key, two indexes, every kind of optional attribute. */
export class Account extends DynamoDBModel.define({
  table: "accounts",
  hashKey: "id",
  indexes: { byOwner: { hashKey: "owner", rangeKey: "openedAt" }, byKind: { hashKey: "kind" } },
  schema: z.object({
    id: z.string(),
    owner: z.string(),
    kind: z.enum(["current", "savings"]).default("current"),
    balance: z.number().int().default(0),
    tags: z.set(z.string()).default(() => new Set<string>()),
    openedAt: z.date().default(() => new Date()),
    note: z.string().optional(),
    address: z.object({ street: z.string(), city: z.string() }).nullable(),
  }),
}) {
  withdraw(amount: number): void {
    this.balance -= amount;
  }
}

/** A composite key, and attributes the library keeps. */
export class Ship extends DynamoDBModel.define({
  table: "ships",
  hashKey: "fleet",
  rangeKey: "launchedAt",
  timestamps: true,
  schema: z.object({ fleet: z.string(), launchedAt: z.date(), tons: z.bigint() }),
}) {}

/** A transaction over them. */
export class Transfer extends Transaction.define({
  table: "transfers",
  hashKey: "requesterId",
  schema: z.object({ requesterId: z.string(), from: z.string(), amount: z.number().int().positive() }),
}) {
  override transactors() {
    return [transactor(Account.at(this.from), (account) => account.withdraw(this.amount))];
  }
}

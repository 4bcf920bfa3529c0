import { DynamoDBModel, Transaction, transactor } from "dynatx";
import { z } from "zod";

/** The models of the type tests: every kind of attribute, and one key. */
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
    number: z.string().brand<"AccountNumber">(),
    owed: z.bigint().optional(),
    photo: z.instanceof(Uint8Array).optional(),
    note: z.string().optional(),
    closed: z.boolean().optional(),
    ratio: z.union([z.string(), z.number()]).optional(),
    address: z.object({ street: z.string(), zip: z.number().optional() }).nullable(),
    history: z.array(z.object({ at: z.date(), amount: z.number() })).default([]),
    labels: z.array(z.string()).readonly().optional(),
    scores: z.record(z.string(), z.number()).optional(),
    limits: z.object({ day: z.object({ most: z.number(), seen: z.set(z.number()).optional() }) }).optional(),
    event: z
      .discriminatedUnion("type", [
        z.object({ type: z.literal("opened"), by: z.string() }),
        z.object({ type: z.literal("moved"), amount: z.number() }),
      ])
      .optional(),
    extra: z.json().optional(),
  }),
}) {
  withdraw(amount: number): void {
    this.balance -= amount;
  }
}

/** A composite key, and timestamps. */
export class Ship extends DynamoDBModel.define({
  table: "ships",
  hashKey: "fleet",
  rangeKey: "launchedAt",
  timestamps: true,
  indexes: { byTons: { hashKey: "tons", rangeKey: "updatedAt" } },
  schema: z.object({ fleet: z.string(), launchedAt: z.date(), tons: z.bigint() }),
}) {
  load(): void {
    this.tons += 1n;
  }
}

export class Transfer extends Transaction.define({
  table: "transfers",
  hashKey: "requesterId",
  indexes: { byStatus: { hashKey: "status", rangeKey: "datetime" } },
  schema: z.object({ requesterId: z.string(), from: z.string(), amount: z.number(), memo: z.string().optional() }),
}) {
  override transactors() {
    return [transactor(Account.at(this.from), (account) => account.withdraw(this.amount))];
  }
}

/** What the torture works on. Lists are for `checkHistory`, accounts for `checkBank`, tallies and rows are counted. */
import { DynamoDBModel, Transaction, transactor } from "dynatx";
import type { OperationRecorder } from "dynatx/testing";
import { z } from "zod";

const listShape = {
  values: z.array(z.string()).default(() => []),
  /** Always the length of the list: an item that was put together from two states shows it. */
  count: z.number().int().default(0),
};

export class Log extends DynamoDBModel.define({
  table: "logs",
  hashKey: "id",
  schema: z.object({ id: z.string(), ...listShape }),
}) {}

export class Note extends DynamoDBModel.define({
  table: "notes",
  hashKey: "shelf",
  rangeKey: "place",
  schema: z.object({ shelf: z.string(), place: z.number().int(), ...listShape }),
}) {}

export class Tally extends DynamoDBModel.define({
  table: "tallies",
  hashKey: "id",
  schema: z.object({ id: z.string(), total: z.number().int().default(0) }),
}) {}

export class InsufficientFunds extends Error {
  override readonly name = "InsufficientFunds";
}

export class Account extends DynamoDBModel.define({
  table: "accounts",
  hashKey: "id",
  schema: z.object({
    id: z.string(),
    balance: z.number().int(),
    /** How many moves have changed it: as many as there are rows of such moves. */
    moves: z.number().int().default(0),
  }),
}) {
  move(amount: number): void {
    if (this.balance + amount < 0) throw new InsufficientFunds(`${this.id} has ${this.balance}`);
    this.balance += amount;
    this.moves++;
  }
}

/** Appends to one log, without a row. */
export class Push extends Transaction.define({
  table: "pushes",
  hashKey: "log",
  schema: z.object({ log: z.string(), value: z.string() }),
}) {
  static override transient = true;
  logs = Log;
  /** Told what the setter sees and does. */
  onTarget: (log: Log) => void = () => {};

  override transactors() {
    return [
      transactor(this.logs.at(this.log), (log) => {
        this.onTarget(log);
        log.values.push(this.value);
        log.count++;
      }),
    ];
  }
}

/** Adds one to each of some tallies, without a row. */
export class Count extends Transaction.define({
  table: "counts",
  hashKey: "id",
  schema: z.object({ id: z.string(), tallies: z.array(z.string()) }),
}) {
  static override transient = true;
  models: readonly (typeof Tally)[] = [];
  op?: OperationRecorder;

  override transactors() {
    return this.tallies.map((id, at) =>
      transactor((this.models[at] ?? Tally).at(id), (tally) => {
        tally.total++;
      }),
    );
  }
}

/** One side of a transfer, with a row. */
export class Move extends Transaction.define({
  table: "moves",
  hashKey: "transfer",
  schema: z.object({ transfer: z.string(), account: z.string(), amount: z.number().int() }),
}) {
  accounts = Account;

  override transactors() {
    return [transactor(this.accounts.at(this.account), (account) => account.move(this.amount))];
  }
}

/** Two moves as sub-transactions, and a row: all of it or nothing. */
export class Transfer extends Transaction.define({
  table: "transfers",
  hashKey: "id",
  schema: z.object({ id: z.string(), from: z.string(), to: z.string(), amount: z.number().int() }),
}) {}

/** Every model that has a table. */
export const stored = [Log, Note, Tally, Account, Move, Transfer] as const;

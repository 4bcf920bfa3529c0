import type { DynamoDB } from "@aws-sdk/client-dynamodb";
import type { TableLayout } from "../clients/table-layout.js";
import type { Account } from "./account.js";

/** What is measured, in this order. */
export const operations = ["get", "create", "update", "atomic", "sequential"] as const;
export type Operation = (typeof operations)[number];

export const titles: Readonly<Record<Operation, string>> = {
  get: "get",
  create: "create",
  update: "update",
  sequential: "two items, one by one",
  atomic: "two items, atomically",
};

/** Adds to the balance of an account that was read, unless somebody else has changed it since. */
export type AddToBalance = (amount: number) => Promise<unknown>;

/** A contestant with a client of its own. */
export interface Opened {
  /** Fails when there is such an account. */
  create(account: Account): Promise<unknown>;
  /** A consistent read. */
  get(id: string): Promise<Account>;
  /** Reads an account. What is resolved may be called again and again, as long as nobody else writes. */
  hold(id: string): Promise<AddToBalance>;
  /** Reads two accounts and moves an amount, each write under its own condition. Default: `hold` and add, twice. */
  sequential?(from: string, to: string, amount: number): Promise<unknown>;
  /** Reads two accounts and moves an amount, both or none. */
  atomic?(from: string, to: string, amount: number): Promise<unknown>;
}

/** A way to work with DynamoDB. */
export interface Contestant {
  readonly name: string;
  readonly table: TableLayout;
  /** How it does it, exactly, for the report; what is not named here is not measured. */
  readonly does: Readonly<Partial<Record<Operation, string>>>;
  open(client: DynamoDB): Opened;
}

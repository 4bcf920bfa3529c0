import { DynamoDBModel, Transaction, transactor } from "dynatx";
import { startFaultProxy } from "dynatx/testing";
import type { FaultProxy, FaultProxyOptions, PlannedFault } from "dynatx/testing";
import { beforeAll, onTestFinished } from "vitest";
import { z } from "zod";
import type { Database } from "../support/databases.js";
import { rawTable } from "../support/raw-table.js";
import type { RawItem, RawTable } from "../support/raw-table.js";

export class Counter extends DynamoDBModel.define({
  table: "counters",
  hashKey: "id",
  schema: z.object({ id: z.string(), count: z.number().int().default(0), note: z.string().optional() }),
}) {}

export class Ticket extends DynamoDBModel.define({
  table: "tickets",
  hashKey: "number",
  autoIncrement: true,
  schema: z.object({ number: z.number().int(), subject: z.string() }),
}) {}

/** Adds one to a counter, and leaves a row. */
export class Increment extends Transaction.define({
  table: "increments",
  hashKey: "counterId",
  schema: z.object({ counterId: z.string() }),
}) {
  override transactors() {
    return [
      transactor(Counter.at(this.counterId), (counter) => {
        counter.count++;
      }),
    ];
  }
}

/** Makes the tables of these tests, before them. */
export function useFaultTables(database: Database): void {
  beforeAll(async () => {
    for (const model of [Counter, Ticket, Increment])
      await database.connection.createTable(model, { waitForActive: true });
  });
}

/** Waits so short that a run of many faults takes seconds. */
export const quick = { baseMs: 1, capMs: 8 };

/** A proxy before a database, over its tables; ends with the test. */
export async function proxyBefore(database: Database, options: FaultProxyOptions = {}): Promise<FaultProxy> {
  const { tablePrefix } = database.connection;
  const backoffs = { conflictBackoff: quick, sendBackoff: quick };
  const proxy = await startFaultProxy(database, { tablePrefix, ...backoffs, ...options });
  onTestFinished(() => proxy.stop());
  return proxy;
}

/** The n-th write meets the n-th of these; reads and later writes meet none. */
export function writesMeet(...faults: readonly (PlannedFault | undefined)[]): NonNullable<FaultProxyOptions["plan"]> {
  const left = [...faults];
  return ({ operation }) => (/^(Put|Update|Delete)Item$/.test(operation) ? left.shift() : undefined);
}

/** Longer than any test: what is so late arrives when the test says so. */
export const late: PlannedFault = { fault: "deliverLater", delayMs: 600_000 };

export function rawCounters(database: Database): RawTable {
  return rawTable(database.connection, "counters");
}

export const keyOf = (id: string): RawItem => ({ id: { S: id } });

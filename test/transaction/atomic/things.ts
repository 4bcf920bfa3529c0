import { DynamoDBModel, atomic, transact } from "dynatx";
import type { Connection, ConnectionOptions, TransactionContext } from "dynatx";
import { beforeAll, onTestFinished } from "vitest";
import { z } from "zod";
import type { ProtocolStep } from "../../../src/dynamodb/protocol-hooks.js";
import { flightsOf } from "../../../src/intents/flights.js";
import type { Database } from "../../support/databases.js";
import { rawTable } from "../../support/raw-table.js";
import type { RawItem } from "../../support/raw-table.js";
import { Stop } from "../../support/stop.js";

export class Thing extends DynamoDBModel.define({
  table: "things",
  hashKey: "box",
  rangeKey: "name",
  schema: z.object({ box: z.string(), name: z.string(), value: z.string().default("") }),
}) {}

/** Another table. */
export class Tool extends DynamoDBModel.define({
  table: "tools",
  hashKey: "name",
  schema: z.object({ name: z.string(), value: z.string().default("") }),
}) {}

/** Makes the tables of these tests, before them. */
export function useThings(database: Database): void {
  beforeAll(async () => {
    for (const model of [Thing, Tool]) await database.connection.createTable(model, { waitForActive: true });
    await database.connection.ensureCoordinator();
  });
}

export const byIntents = atomic({ path: "intents" });
/** Whose items are no longer in flight when it is answered. */
export const tidy = atomic({ path: "intents", apply: "await" });

/** Waits so short that they take no time. */
export const quick = { baseMs: 1, capMs: 8 };

/** A transaction that has begun, and was stopped on its way. */
export interface Stopped {
  readonly connection: Connection;
  /** Lets it go on, and resolves or rejects as it does; what it leaves in the background has landed then. */
  goOn(): Promise<void>;
}

/** Begins a transaction in a process of its own, and stops it at a step. It goes on at the latest when the test ends. */
export async function stopped(
  database: Pick<Database, "connection" | "connect">,
  [step, time = 1]: readonly [ProtocolStep, number?],
  work: (tx: TransactionContext, connection: Connection) => Promise<void>,
  { maxRetries = 100, ...options }: Partial<ConnectionOptions> & { readonly maxRetries?: number } = {},
): Promise<Stopped> {
  const stop = new Stop(step, time);
  const connection = database.connect({ hooks: stop.hooks, conflictBackoff: quick, ...options });
  const deed = transact((tx) => work(tx, connection), { connection, backend: byIntents, maxRetries });
  const ended = deed.catch(() => {});
  const landed = (): Promise<void> => flightsOf(connection.coordinator).settled();
  await stop.reached(ended.then(landed));
  onTestFinished(async () => {
    stop.go();
    await ended;
    await landed();
  });
  return {
    connection,
    async goOn() {
      stop.go();
      try {
        await deed;
      } finally {
        await landed();
      }
    },
  };
}

/** All records of transactions, and their parts. */
export async function records(connection: Connection): Promise<RawItem[]> {
  return (await rawTable(connection, "dynatx").scan()).filter(({ id }) => id?.S !== "identity");
}

/** What is in flight in a table. */
export async function intents(connection: Connection, table: string): Promise<RawItem[]> {
  return (await rawTable(connection, table).scan()).filter(({ _tx }) => _tx !== undefined);
}

export function text(bytes: number, letter = "x"): string {
  return letter.repeat(bytes);
}

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { Connection } from "dynatx";
import { onTestFinished } from "vitest";
import { intentValue } from "../../src/intents/intent.js";
import type { Intent } from "../../src/intents/intent.js";
import { Heartbeat } from "../../src/transaction/backends/atomic/heartbeat.js";

/** How long the living ones of these tests may keep silent, in milliseconds. */
export const shortLease = { coordinator: { leaseMs: 500 } };
/** Their owners show signs of life much more often than that, so that a busy machine does not make them look dead. */
const owners = { coordinator: { leaseMs: 60 } };

/** A transaction of another process that has begun and not ended: its record is there, and these are its intents. */
export interface InFlight {
  readonly id: string;
  /** The intent in an item that is there. */
  readonly intent: AttributeValue;
  /** The intent of a placeholder. */
  readonly placeholder: AttributeValue;
}

/** Begins a transaction that never gets further. Its owner has died at once, or with `living` shows signs of life until the test ends. */
export async function transactionInFlight(
  connection: Connection,
  { living = false, checks = false }: { readonly living?: boolean; readonly checks?: boolean } = {},
): Promise<InFlight> {
  await connection.ensureCoordinator();
  const id = await connection.coordinator.begin("0");
  const coordinator = await connection.coordinator.identity();
  if (living) {
    const owner = new Connection({ client: connection.client, tablePrefix: connection.tablePrefix, ...owners });
    const heartbeat = new Heartbeat(owner, id);
    onTestFinished(() => heartbeat.stop());
  }
  const common = { transaction: id, coordinator, attempt: 1, checks, pieces: 0, changes: undefined };
  const intent: Intent = { ...common, index: 0, operation: "chk", version: undefined, placeholder: false };
  return { id, intent: intentValue(intent), placeholder: intentValue({ ...intent, index: 1, placeholder: true }) };
}

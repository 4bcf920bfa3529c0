import { ValueType } from "@opentelemetry/api";
import type { Meter } from "@opentelemetry/api";
import type { Connection } from "../dynamodb/connection.js";
import { commitAttributes, errorType, names, tableAttributes } from "./attributes.js";

/** The buckets that the semantic conventions advise for durations of database operations, in seconds. */
const seconds = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];

/** Counts and measures what a connection tells; see `instrument`. */
export function measure(connection: Connection, meter: Meter): () => void {
  const stops = [...measureCommits(connection, meter), ...measureWrites(connection, meter)];
  return () => {
    for (const stop of stops) stop();
  };
}

function measureCommits(connection: Connection, meter: Meter): (() => void)[] {
  const durations = meter.createHistogram("dynatx.commit.duration", {
    description: "Duration of commits, rows and sub-transactions included",
    unit: "s",
    advice: { explicitBucketBoundaries: seconds },
  });
  const retries = counter(
    meter,
    "dynatx.retries",
    "{retry}",
    "Attempts of commits that were repeated after a conflict",
  );
  const batches = meter.createHistogram("dynatx.batch.size", {
    description: "Transactions that shared one write of a hot item",
    unit: "{transaction}",
    valueType: ValueType.INT,
    advice: { explicitBucketBoundaries: [1, 2, 4, 8, 16, 32, 64, 128] },
  });
  const lost = counter(meter, "dynatx.rows.lost", "{row}", "Failed operations whose row could not be saved either");
  return [
    connection.on("commit", (event) => durations.record(event.durationMs / 1000, commitAttributes(event))),
    connection.on("failed", (event) =>
      durations.record(event.durationMs / 1000, {
        ...commitAttributes(event),
        [names.errorType]: errorType(event.error),
      }),
    ),
    connection.on("retry", (event) => retries.add(1, commitAttributes(event))),
    connection.on("rowLost", (event) => lost.add(1, commitAttributes(event))),
    // The cast: a name is all that listening takes, and a connection that combines nothing never tells it.
    connection.on("combined", ({ table, size }) => batches.record(size, tableAttributes(table))),
  ];
}

function measureWrites(connection: Connection, meter: Meter): (() => void)[] {
  const conflicts = counter(
    meter,
    "dynatx.conflicts",
    "{conflict}",
    "Writes that found the item changed, taken or held",
  );
  const resends = counter(
    meter,
    "dynatx.resends",
    "{request}",
    "Writes sent again because DynamoDB did not execute them",
  );
  const inquiries = counter(
    meter,
    "dynatx.inquiries",
    "{write}",
    "Writes whose answer was lost, by what became of them",
  );
  const recoveries = counter(meter, "dynatx.recoveries", "{write}", "Writes of crashed transactions that were settled");
  const waits = meter.createHistogram("dynatx.wait.duration", {
    description: "Waits before something is tried again",
    unit: "s",
    advice: { explicitBucketBoundaries: seconds },
  });
  return [
    connection.on("conflict", ({ table }) => conflicts.add(1, tableAttributes(table))),
    connection.on("resend", ({ table, operation, error }) =>
      resends.add(1, { ...tableAttributes(table), [names.operation]: operation, [names.errorType]: errorType(error) }),
    ),
    connection.on("inquiry", ({ table, outcome }) =>
      inquiries.add(1, { ...tableAttributes(table), [names.outcome]: outcome }),
    ),
    connection.on("recovered", ({ table, outcome }) =>
      recoveries.add(1, { ...tableAttributes(table), [names.outcome]: outcome }),
    ),
    connection.on("wait", ({ table, reason, ms }) =>
      waits.record(ms / 1000, { ...tableAttributes(table), [names.waitReason]: reason }),
    ),
  ];
}

function counter(meter: Meter, name: string, unit: string, description: string): ReturnType<Meter["createCounter"]> {
  return meter.createCounter(name, { description, unit, valueType: ValueType.INT });
}

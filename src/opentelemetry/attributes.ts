import type { Attributes } from "@opentelemetry/api";
import type { CommitEvent } from "../dynamodb/connection-events.js";

/** Names of OpenTelemetry's semantic conventions, and ours in their style. */
export const names = {
  system: "db.system.name",
  table: "db.collection.name",
  operation: "db.operation.name",
  errorType: "error.type",
  transaction: "dynatx.transaction.name",
  backend: "dynatx.backend",
  status: "dynatx.transaction.status",
  datetime: "dynatx.transaction.datetime",
  commitId: "dynatx.commit.id",
  attempts: "dynatx.commit.attempts",
  retries: "dynatx.commit.retries",
  attempt: "dynatx.attempt",
  outcome: "dynatx.outcome",
  waitReason: "dynatx.wait.reason",
} as const;

/** What spans and measurements of a commit have in common. */
export function commitAttributes({ transaction, id }: CommitEvent): Attributes {
  return {
    [names.system]: "aws.dynamodb",
    [names.table]: id.table,
    [names.transaction]: transaction,
    [names.backend]: id.backend,
  };
}

export function tableAttributes(table: string): Attributes {
  return { [names.system]: "aws.dynamodb", [names.table]: table };
}

/** The kind of an error, of which there are few: the code of the library's own, else the name of its class. */
export function errorType(error: unknown): string {
  if (!(error instanceof Error)) return "_OTHER";
  return "code" in error && typeof error.code === "string"
    ? error.code
    : error.name === "Error"
      ? error.constructor.name
      : error.name;
}

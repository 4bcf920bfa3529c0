/** How the record of a transaction changes: one conditional write each. */
import type { Clock } from "../base/clock.js";
import type { ProtocolHooks } from "./protocol-hooks.js";
import type { DeleteRequest, UpdateRequest } from "./requests.js";
import { abortedState, committedState, pagesText, pendingState, recordNames } from "./transaction-record.js";
import type { CommitEntry } from "./transaction-record.js";

export interface RecordHost {
  readonly clock: Clock;
  readonly hooks: ProtocolHooks;
}

function place(TableName: string, id: string): { readonly TableName: string; readonly Key: { id: { S: string } } } {
  return { TableName, Key: { [recordNames.id]: { S: id } } };
}

const pending = { S: pendingState };

/** Pending becomes committed, unless readers have pushed it since it was validated. */
export function commitRequest(
  table: string,
  id: string,
  { attempts, manifest, pushes }: CommitEntry,
  { clock, hooks }: RecordHost,
): UpdateRequest {
  const inline = typeof manifest === "string";
  const minds = hooks.without?.has("commit minds the record") !== true;
  const pushed = minds && pushes !== undefined && hooks.without?.has("push") !== true;
  const { state, attempts: w, manifest: m, pages, decidedAt, pushes: pv } = recordNames;
  return {
    operation: "UpdateItem",
    input: {
      ...place(table, id),
      UpdateExpression: "SET #st = :committed, #w = :w, #at = :at, #m = :m",
      ...(minds && { ConditionExpression: `#st = :pending${pushed ? " AND #pv = :pv" : ""}` }),
      ExpressionAttributeNames: {
        "#st": state,
        "#w": w,
        "#at": decidedAt,
        "#m": inline ? m : pages,
        ...(pushed && { "#pv": pv }),
      },
      ExpressionAttributeValues: {
        ":committed": { S: committedState },
        ":w": { S: attempts.join(",") },
        ":at": { N: String(clock.now()) },
        ":m": { S: inline ? manifest : pagesText(manifest) },
        ...(minds && { ":pending": pending }),
        ...(pushed && { ":pv": { N: String(pushes) } }),
      },
    },
  };
}

/** Pending becomes aborted. */
export function abortRequest(table: string, id: string, { clock, hooks }: RecordHost): UpdateRequest {
  const minds = hooks.without?.has("abort minds the record") !== true;
  return {
    operation: "UpdateItem",
    input: {
      ...place(table, id),
      UpdateExpression: "SET #st = :aborted, #at = :at",
      ...(minds && { ConditionExpression: "#st = :pending" }),
      ExpressionAttributeNames: { "#st": recordNames.state, "#at": recordNames.decidedAt },
      ExpressionAttributeValues: {
        ":aborted": { S: abortedState },
        ":at": { N: String(clock.now()) },
        ...(minds && { ":pending": pending }),
      },
    },
  };
}

/** What a committed record says of its items is removed. */
export function closeRequest(table: string, id: string): UpdateRequest {
  const { attempts, manifest, pages, state } = recordNames;
  return {
    operation: "UpdateItem",
    input: {
      ...place(table, id),
      UpdateExpression: "REMOVE #w, #m, #mp",
      ConditionExpression: "#st = :committed",
      ExpressionAttributeNames: { "#w": attempts, "#m": manifest, "#mp": pages, "#st": state },
      ExpressionAttributeValues: { ":committed": { S: committedState } },
    },
  };
}

/** One is added to a number of a pending record. */
export function countRequest(table: string, id: string, name: string): UpdateRequest {
  return {
    operation: "UpdateItem",
    input: {
      ...place(table, id),
      UpdateExpression: "ADD #n :one",
      ConditionExpression: "#st = :pending",
      ExpressionAttributeNames: { "#n": name, "#st": recordNames.state },
      ExpressionAttributeValues: { ":one": { N: "1" }, ":pending": pending },
    },
  };
}

/** A record in one of the states is deleted. */
export function deleteRequest(table: string, id: string, states: readonly string[]): DeleteRequest {
  const values = Object.fromEntries(states.map((state, n) => [`:${n}`, { S: state }]));
  return {
    operation: "DeleteItem",
    input: {
      ...place(table, id),
      ConditionExpression: `#st IN (${Object.keys(values).join(", ")})`,
      ExpressionAttributeNames: { "#st": recordNames.state },
      ExpressionAttributeValues: values,
    },
  };
}

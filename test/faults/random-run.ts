import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { AmbiguousWriteError, ConflictError, Connection, ItemNotFoundError, RequestError, add } from "dynatx";
import { startFaultProxy } from "dynatx/testing";
import type { FaultProxy, ProxiedRequest } from "dynatx/testing";
import { pickFault, seededFractions } from "../../src/testing/fault-plan.js";
import { clientOf } from "../support/databases.js";
import type { Database } from "../support/databases.js";
import { recordingProxy } from "../support/recording-proxy.js";
import type { Executed } from "../support/recording-proxy.js";
import { Counter, keyOf, quick } from "./ground.js";

export type Kind = "save" | "overwrite" | "remove" | "discard" | "update";

/** A write that somebody wanted, what the caller was told, and when the database executed it. */
export interface Deed {
  readonly name: string;
  readonly kind: Kind;
  told: "done" | "conflict" | "absent" | "ambiguous" | "failed" | undefined;
  /** The place of the answer, and of each execution, in the one order of all that happened. */
  toldAt: number;
  readonly executedAt: number[];
}

export interface RandomRunOptions {
  readonly seed: number;
  readonly id: string;
  readonly kinds: readonly Kind[];
  readonly clients: number;
  readonly deedsPerClient: number;
  /** Whether another program changes an attribute, and changes it back, through the SDK alone. */
  readonly foreign: boolean;
}

const rates = {
  ...{ loseRequest: 0.06, loseReply: 0.06, deliverLater: 0.06 },
  ...{ duplicate: 0.04, throttle: 0.02, cutReply: 0.03, slow: 0.05 },
};
const operations = ["PutItem", "UpdateItem", "DeleteItem"];

/**
 * What a network that repeats requests can do is beyond what one item can tell: a create that lands again once the item
 * is deleted, an update without a read once another has cut the history, a save that was refused for a foreign change
 * and finds it undone. Those are not repeated here.
 */
const unrepeated = { ...rates, duplicate: 0 };

function isRepeatable({ operation, body }: ProxiedRequest): boolean {
  return operation !== "PutItem" && body["ReturnValues"] !== "ALL_NEW";
}

/** Moves only the write ids: of a write in doubt, to keep it from landing. */
function isFence({ operation, body }: Executed): boolean {
  return operation === "UpdateItem" && /^SET #\w+ = :\w+$/.test(String(body["UpdateExpression"]));
}

/** Several clients write one item through a network that fails; all they did, and what became of it. */
export async function randomRun(database: Database, options: RandomRunOptions): Promise<readonly Deed[]> {
  const deeds = new Map<string, Deed>();
  let order = 0;
  const recorder = await recordingProxy(database.endpoint, (write) => {
    if (!isFence(write)) deeds.get(write.deed)?.executedAt.push(order++);
  });
  const chance = seededFractions(options.seed);
  const proxy = await startFaultProxy(recorder, {
    ...{ seed: options.seed, rates, operations, maxDelayMs: 60 },
    plan: (request) => {
      if (!operations.includes(request.operation) || (!options.foreign && isRepeatable(request))) return undefined;
      return pickFault(unrepeated, chance()) ?? "none";
    },
  });
  const pick = <T>(from: readonly T[]): T => from[Math.floor(chance() * from.length)] as T; // true: chance is below 1
  const working = new Set(Array.from({ length: options.clients }, (_, number) => number));

  async function client(number: number): Promise<void> {
    const { connection, tag, close } = clientThrough(proxy, database);
    for (let n = 0; n < options.deedsPerClient; n++) {
      const name = `${number}:${n}`;
      const deed: Deed = { name, kind: pick(options.kinds), told: undefined, toldAt: 0, executedAt: [] };
      deeds.set(name, deed);
      tag(name);
      deed.told = await perform(connection, options.id, deed.kind).then(() => "done" as const, nameOf);
      deed.toldAt = order++;
    }
    working.delete(number);
    close();
  }

  async function foreigner(): Promise<void> {
    while (working.size > 0) {
      const change = new UpdateItemCommand({
        TableName: database.connection.tableName("counters"),
        Key: keyOf(options.id),
        UpdateExpression: "SET note = :note",
        ConditionExpression: "attribute_exists(id)",
        ExpressionAttributeValues: { ":note": { S: pick(["x", "y"]) } },
      });
      await database.client.send(change).catch(() => {}); // the item is not there
    }
  }

  const clients = [...working].map(client);
  await Promise.all(options.foreign ? [...clients, foreigner()] : clients);
  await proxy.stop();
  return [...deeds.values()];
}

/** A client of its own, whose requests name the deed they are for. */
function clientThrough(proxy: FaultProxy, { connection: { tablePrefix } }: Database) {
  const client = clientOf(proxy.endpoint);
  let deed = "";
  client.middlewareStack.add(
    (next) => (args) => {
      // True: behind the serializer, the request is HTTP's.
      (args.request as { headers: Record<string, string> }).headers["x-deed"] = deed;
      return next(args);
    },
    { step: "build", name: "deed" },
  );
  const connection = new Connection({ client, tablePrefix, conflictBackoff: quick, sendBackoff: quick });
  return { connection, tag: (name: string) => void (deed = name), close: () => client.destroy() };
}

async function perform(connection: Connection, id: string, kind: Kind): Promise<unknown> {
  const Counters = Counter.on(connection);
  if (kind === "update") return Counters.update(id, { count: add(1) });
  const found = await Counters.find(id);
  if (found === undefined && (kind === "remove" || kind === "discard")) return undefined;
  const counter = found ?? new Counters({ id });
  counter.count++;
  switch (kind) {
    case "save":
      return counter.save({ raiseOnConflict: true });
    case "overwrite":
      return counter.save();
    case "remove":
      return counter.delete({ raiseOnConflict: true });
    case "discard":
      return counter.delete();
  }
}

function nameOf(error: unknown): Deed["told"] {
  if (error instanceof AmbiguousWriteError) return "ambiguous";
  if (error instanceof ConflictError) return "conflict";
  if (error instanceof ItemNotFoundError) return "absent";
  if (error instanceof RequestError) return "failed";
  throw error;
}

/** Where the library said what was not so. */
export function violationsOf(deeds: readonly Deed[]): string[] {
  return deeds.flatMap(({ name, kind, told, toldAt, executedAt }) => {
    const times = executedAt.length;
    const found: string[] = [];
    if (times > 1) found.push("applied twice");
    if (told !== "done" && told !== "ambiguous" && times > 0) found.push(`told ${told}, but applied`);
    const deletes = kind === "discard" || kind === "remove"; // which find nothing, or that another was first
    if (told === "done" && times === 0 && !deletes) found.push("acknowledged, but never applied");
    if (told !== "ambiguous" && executedAt.some((at) => at > toldAt)) found.push("landed after its answer");
    return found.map((text) => `${kind} ${name}: ${text}`);
  });
}

import type { DynamoDB } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand, TransactWriteCommand } from "@aws-sdk/lib-dynamodb";
import { Connection, DynamoDBModel, Transaction, atomic, transact, transactor } from "dynatx";
import { z } from "zod";

/** One way to add 1 to each of many counters. */
export interface Contestant {
  readonly name: string;
  readonly does: string;
  /** The most items it takes, and where it runs. */
  readonly maxItems: number;
  readonly databases: readonly string[];
  open(client: DynamoDB): Opened;
}

export interface Opened {
  create(ids: readonly string[]): Promise<void>;
  /** Resolves with the answer. */
  increment(ids: readonly string[]): Promise<unknown>;
}

export class Counter extends DynamoDBModel.define({
  table: "many",
  hashKey: "id",
  schema: z.object({ id: z.string(), count: z.number().int().default(0), note: z.string().default("x".repeat(100)) }),
}) {}

class Increments extends Transaction.define({
  table: "increments",
  hashKey: "id",
  schema: z.object({ id: z.string() }),
}) {
  static override transient = true;
  counters = Counter;
  ids: readonly string[] = [];
  override transactors() {
    return this.ids.map((id) => transactor(this.counters.at(id), (counter) => void counter.count++));
  }
}

const both = ["dynalite", "DynamoDB Local"];

function creator(client: DynamoDB): { connection: Connection; Counters: typeof Counter; create: Opened["create"] } {
  const connection = new Connection({ client });
  const Counters = Counter.on(connection);
  const create = (ids: readonly string[]): Promise<void> =>
    Counters.batchWrite({ put: ids.map((id) => new Counters({ id })) });
  return { connection, Counters, create };
}

/** All counters by one `getBatch`, changed in `transact`. */
function together(name: string, does: string, options: Parameters<typeof atomic>[0], maxItems: number): Contestant {
  const databases = options?.path === "native" ? ["DynamoDB Local"] : both;
  const backend = atomic(options);
  return {
    name,
    does,
    maxItems,
    databases,
    open(client) {
      const { connection, Counters, create } = creator(client);
      const increment = (ids: readonly string[]): Promise<void> =>
        transact(
          async () => {
            for (const counter of await Counters.getBatch([...ids])) if (counter !== undefined) counter.count++;
          },
          { connection, backend },
        );
      return { create, increment };
    },
  };
}

const oneByOne: Contestant = {
  name: "sequential()",
  does: "a `Transaction` of one transactor for each: a read and a conditional write, one after the other; not all or nothing",
  maxItems: 1000,
  databases: both,
  open(client) {
    const { connection, Counters, create } = creator(client);
    const Bound = Increments.on(connection);
    return {
      create,
      increment(ids) {
        const made = Object.assign(new Bound({ id: "x" }), { counters: Counters, ids });
        return made.commit({ combine: false });
      },
    };
  },
};

const byHand: Contestant = {
  name: "DocumentClient",
  does: "by hand: GetCommands at once, then one TransactWriteCommand that checks a count for each",
  maxItems: 100,
  databases: ["DynamoDB Local"],
  open(client) {
    const { create } = creator(client);
    const documents = DynamoDBDocumentClient.from(client);
    const TableName = "many";
    return {
      create,
      async increment(ids) {
        const found = await Promise.all(
          ids.map((id) => documents.send(new GetCommand({ TableName, Key: { id }, ConsistentRead: true }))),
        );
        const TransactItems = found.map(({ Item }, index) => ({
          Update: {
            TableName,
            Key: { id: ids[index] },
            UpdateExpression: "SET #c = :next",
            ConditionExpression: "#c = :seen",
            ExpressionAttributeNames: { "#c": "count" },
            ExpressionAttributeValues: { ":seen": Item?.["count"], ":next": Number(Item?.["count"]) + 1 },
          },
        }));
        await documents.send(new TransactWriteCommand({ TransactItems }));
      },
    };
  },
};

export const contestants: readonly Contestant[] = [
  byHand,
  together("atomic(), native", "`transact` with `getBatch`: one TransactWriteItems", { path: "native" }, 100),
  together(
    "atomic(), intents",
    "`transact` with `getBatch`: the intent protocol; answered at the commit point",
    { path: "intents" },
    1000,
  ),
  together(
    "atomic(), intents, applied",
    "the same, answered when every item has its new state",
    { path: "intents", apply: "await" },
    1000,
  ),
  oneByOne,
];

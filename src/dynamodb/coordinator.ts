import { CoordinatorError, RequestError } from "../base/errors.js";
import type { AttributeMap } from "./attribute.js";
import type { Backoff } from "../base/backoff.js";
import { pause } from "./pause.js";
import type { PauseHost } from "./pause.js";
import type { ProtocolHooks } from "./protocol-hooks.js";
import type { Requests, WriteRequest, WriteResult } from "./requests.js";
import type { TableLayout } from "./table.js";
import { abortRequest, closeRequest, commitRequest, countRequest, deleteRequest } from "./record-requests.js";
import { abortedState, committedState, pendingState, recordNames, recordOf } from "./transaction-record.js";
import type { CommitEntry, TransactionRecord } from "./transaction-record.js";

const identityKey = "identity";
const maxSends = 20; // of one change of a record whose answers get lost

/** What a coordinator needs of its connection. */
export interface CoordinatorHost extends PauseHost {
  readonly requests: Requests;
  readonly sendBackoff: Backoff;
  readonly hooks: ProtocolHooks;
}

/** What came of an attempt to end a transaction. */
export type Ending =
  | "done"
  /** It is still pending: it was pushed meanwhile. */
  | "pending"
  /** It is committed already. */
  | "committed"
  /** There is no such record. */
  | "gone";

/**
 * The table in which atomic transactions of one endpoint have a record each while they are in flight, apart from the
 * items they change. Every change of a record is one conditional write.
 */
export class Coordinator {
  readonly table: string;
  readonly #host: CoordinatorHost;
  #identity: Promise<string> | undefined;

  constructor(host: CoordinatorHost, table: string) {
    this.#host = host;
    this.table = table;
  }

  /** What connections must know to make its table. */
  static layout(table: string): TableLayout {
    return { table, hash: { name: recordNames.id, type: "S" }, range: undefined, indexes: [], ttl: undefined };
  }

  /** Gives the table its identity, unless it has one. */
  async found(): Promise<void> {
    const { random } = this.#host;
    const Item = {
      [recordNames.id]: { S: identityKey },
      [recordNames.part]: { S: random.writeId() + random.writeId() },
    };
    for (let sends = 1; ; sends++) {
      const result = await this.#write({ operation: "PutItem", input: { TableName: this.table, Item, ...ifNew } });
      if (result.outcome !== "doubt") return;
      await this.#wait("PutItem", sends, result);
    }
  }

  /** A name that no other coordinator has. Throws `CoordinatorError` when the table is not there. */
  identity(): Promise<string> {
    this.#identity ??= this.#readIdentity().catch((error: unknown) => {
      this.#identity = undefined; // the table may be made later
      throw error;
    });
    return this.#identity;
  }

  async #readIdentity(): Promise<string> {
    const item = await this.#get(identityKey);
    const identity = item?.[recordNames.part]?.S;
    if (identity === undefined) throw this.#missing(undefined);
    return identity;
  }

  /** Makes the record of a new transaction and resolves with its id. */
  async begin(priority: string): Promise<string> {
    const { random, hooks } = this.#host;
    let id = random.writeId() + random.writeId();
    for (let sends = 1; ; sends++) {
      const Item = {
        [recordNames.id]: { S: id },
        [recordNames.state]: { S: pendingState },
        [recordNames.priority]: { S: priority },
        [recordNames.pushes]: { N: "0" },
        [recordNames.beats]: { N: "0" },
      };
      const result = await this.#write({ operation: "PutItem", input: { TableName: this.table, Item, ...ifNew } });
      if (result.outcome === "applied") return id;
      const known = hooks.without?.has("fresh id") === true;
      if (known && result.outcome === "refused") return id;
      // A late begin could make a record anew that was aborted: whose answer was lost is never used.
      if (!known) id = random.writeId() + random.writeId();
      await this.#wait("PutItem", sends, result);
    }
  }

  async record(id: string): Promise<TransactionRecord | undefined> {
    const item = await this.#get(id);
    return item && recordOf(item);
  }

  /** Commits a pending transaction: one send, whose outcome may be in doubt. */
  commit(id: string, entry: CommitEntry): Promise<WriteResult> {
    return this.#write(commitRequest(this.table, id, entry, this.#host));
  }

  /** Ends somebody else's pending transaction for good: it can no longer commit. Its record stays, for its owner. */
  abort(id: string): Promise<Ending> {
    return this.#end(id, abortRequest(this.table, id, this.#host), ["aborted"]);
  }

  /** Ends the own transaction, aborted by another or not, unless it is committed. */
  withdraw(id: string): Promise<Ending> {
    const blind = this.#host.hooks.without?.has("withdraw minds the record") ? [committedState] : [];
    return this.#delete(id, [pendingState, abortedState, ...blind]);
  }

  /** Forgets a committed transaction whose items are no longer in flight. */
  forget(id: string): Promise<Ending> {
    return this.#delete(id, [committedState]);
  }

  /** Forgets which attempts of a committed transaction counted: nothing of it is in flight, and nothing late may come to count. */
  async close(id: string): Promise<void> {
    await this.#write(closeRequest(this.table, id));
  }

  #delete(id: string, states: readonly string[]): Promise<Ending> {
    return this.#end(id, deleteRequest(this.table, id, states), []);
  }

  /** Sends the end of a transaction until it is known what came of it. `done`: the states that show that it came. */
  async #end(id: string, request: WriteRequest, done: readonly TransactionRecord["state"][]): Promise<Ending> {
    for (let sends = 1; ; sends++) {
      const result = await this.#write(request);
      if (result.outcome === "applied") return "done";
      const record = await this.record(id);
      if (record === undefined) return "gone";
      if (done.includes(record.state)) return "done";
      if (record.state === "committed" && result.outcome === "refused") return "committed";
      if (result.outcome === "refused") return "pending";
      await this.#wait(request.operation, sends, result);
    }
  }

  /** Makes a pending transaction validate again before it commits. Whether it was still pending. */
  async push(id: string): Promise<boolean> {
    return (await this.#add(id, recordNames.pushes)).outcome === "applied";
  }

  /** Tells that the owner of a pending transaction lives. */
  async beat(id: string): Promise<void> {
    await this.#add(id, recordNames.beats);
  }

  #add(id: string, name: string): Promise<WriteResult> {
    return this.#write(countRequest(this.table, id, name));
  }

  /** Keeps what does not fit elsewhere, under a name of its own. Written before anything refers to it. */
  async keepPart(name: string, bytes: Uint8Array): Promise<void> {
    const Item = { [recordNames.id]: { S: name }, [recordNames.part]: { B: bytes } };
    for (let sends = 1; ; sends++) {
      const result = await this.#write({ operation: "PutItem", input: { TableName: this.table, Item } });
      if (result.outcome === "applied") return;
      await this.#wait("PutItem", sends, result);
    }
  }

  async part(name: string): Promise<Uint8Array | undefined> {
    return (await this.#get(name))?.[recordNames.part]?.B;
  }

  /** Whether it happened matters to nobody: what is left is garbage that `recover` removes. */
  async dropPart(name: string): Promise<void> {
    await this.#write({
      operation: "DeleteItem",
      input: { TableName: this.table, Key: { [recordNames.id]: { S: name } } },
    });
  }

  async #get(id: string): Promise<AttributeMap | undefined> {
    const Key = { [recordNames.id]: { S: id } };
    const input = { TableName: this.table, Key, ConsistentRead: true };
    return (await this.#named(() => this.#host.requests.get(input))).Item;
  }

  #write(request: WriteRequest): Promise<WriteResult> {
    return this.#named(() => this.#host.requests.write(request));
  }

  async #named<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw isMissing(error) ? this.#missing(error) : error;
    }
  }

  #missing(cause: unknown): CoordinatorError {
    return new CoordinatorError(
      `the coordinator table ${this.table} is not there, and transactions across items need it: call connection.ensureCoordinator() once`,
      { table: this.table, cause },
    );
  }

  async #wait(operation: WriteRequest["operation"], sends: number, result: WriteResult): Promise<void> {
    if (sends >= maxSends) {
      const cause = result.outcome === "doubt" ? result.cause : undefined;
      throw new RequestError(`the coordinator table ${this.table} gave no answer ${sends} times in a row`, {
        operation,
        table: this.table,
        retryable: true,
        cause,
      });
    }
    const { sendBackoff: backoff } = this.#host;
    await pause(this.#host, { reason: "doubt", table: this.table, backoff, attempt: sends });
  }
}

const ifNew = {
  ConditionExpression: "attribute_not_exists(#id)",
  ExpressionAttributeNames: { "#id": recordNames.id },
};

function isMissing(error: unknown): boolean {
  return (
    error instanceof RequestError && error.cause instanceof Error && error.cause.name === "ResourceNotFoundException"
  );
}

import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Backoff } from "../base/backoff.js";
import { systemClock } from "../base/clock.js";
import type { Clock } from "../base/clock.js";
import { NoConnectionError, ValidationError } from "../base/errors.js";
import { Emitter } from "../base/events.js";
import { systemRandom } from "../base/random.js";
import type { Random } from "../base/random.js";
import type { ConnectionEvents } from "./connection-events.js";
import type { PauseHost } from "./pause.js";
import { Requests } from "./requests.js";
import { Tables, layoutOf } from "./table.js";
import type { CreateTableOptions, DeleteTableOptions, TableSource } from "./table.js";

/** A `DynamoDBClient`, or a `DynamoDBDocumentClient` around one. */
export interface AnyDynamoDBClient {
  readonly config: DynamoDBClient["config"];
  readonly middlewareStack: object;
  send(...args: never): unknown;
  destroy(): void;
}

export interface ConnectionOptions {
  /** The client whose endpoint, credentials, handler and middleware are used. Its retries apply to reads only. */
  readonly client: AnyDynamoDBClient;
  /** Put before the table name of every model, for example `"dev-"`. Default: nothing. */
  readonly tablePrefix?: string | undefined;
  /** The names of the two reserved attributes. Default: `_v` and `_tx`. All writers of a table must agree on them. */
  readonly attributes?: { readonly writeId?: string | undefined; readonly intent?: string | undefined } | undefined;
  /** Waits between the attempts of a commit that met conflicts. Default: 25 ms doubling to 500 ms, full jitter, the first retry at once. */
  readonly conflictBackoff?: Backoff | undefined;
  /** Waits between sends of what DynamoDB provably did not execute (throttled, not connected). Default: 50 ms doubling to 2,000 ms. */
  readonly sendBackoff?: Backoff | undefined;
  /** How often such a request is sent at the most. Default: 10. */
  readonly maxSends?: number | undefined;
  /** For tests: where time comes from. */
  readonly clock?: Clock | undefined;
  /** For tests: where randomness comes from. */
  readonly random?: Random | undefined;
}

/** The names of the reserved attributes on one connection. */
export interface ReservedAttributes {
  readonly writeId: string;
  readonly intent: string;
}

/** One DynamoDB endpoint as models see it: a client, a table prefix and the policies of retrying. */
export class Connection implements PauseHost {
  /** The client that was given, for requests of your own; see `Model.params`. */
  readonly client: DynamoDBClient;
  readonly tablePrefix: string;
  /** @internal */
  readonly reserved: ReservedAttributes;
  /** @internal */
  readonly requests: Requests;
  /** @internal */
  readonly clock: Clock;
  /** @internal */
  readonly random: Random;
  /** @internal */
  readonly conflictBackoff: Backoff;
  /** @internal */
  readonly sendBackoff: Backoff;
  /** @internal */
  readonly maxSends: number;
  readonly #events = new Emitter<ConnectionEvents>();
  readonly #tables: Tables;

  /** Sends nothing. Throws `ValidationError` when `client` is not a client of the AWS SDK v3. */
  constructor(options: ConnectionOptions) {
    // Both kinds of client take the low-level commands this library sends: they share one send and one middleware stack.
    const client = options.client as DynamoDBClient;
    if (typeof client?.send !== "function" || client.config === undefined) {
      throw new ValidationError("a Connection needs a client: new Connection({ client: new DynamoDBClient({ ... }) })");
    }
    this.client = client;
    this.tablePrefix = options.tablePrefix ?? "";
    this.reserved = { writeId: options.attributes?.writeId ?? "_v", intent: options.attributes?.intent ?? "_tx" };
    this.clock = options.clock ?? systemClock;
    this.random = options.random ?? systemRandom();
    this.conflictBackoff = options.conflictBackoff ?? { baseMs: 25, capMs: 500 };
    this.sendBackoff = options.sendBackoff ?? { baseMs: 50, capMs: 2000 };
    this.maxSends = options.maxSends ?? 10;
    this.requests = new Requests({ client, host: this, backoff: this.sendBackoff, maxSends: this.maxSends });
    this.#tables = new Tables(client, Object.values(this.reserved));
  }

  /** Makes the table of a model with its indexes and expiry; on demand unless units are given. Throws `RequestError`. */
  async createTable(model: TableSource, options: CreateTableOptions = {}): Promise<void> {
    const layout = model[layoutOf];
    await this.#tables.create(layout, this.tableName(layout.table), options);
  }

  /** As `createTable`, and content when the table is there already (its keys and indexes are not compared). */
  async ensureTable(model: TableSource, options: CreateTableOptions = {}): Promise<void> {
    const layout = model[layoutOf];
    await this.#tables.ensure(layout, this.tableName(layout.table), options);
  }

  /** Deletes the table of a model with everything in it. Throws `RequestError`. */
  async deleteTable(model: TableSource, options: DeleteTableOptions = {}): Promise<void> {
    await this.#tables.delete(this.tableName(model[layoutOf].table), options);
  }

  /** Calls `listener` at each such event until the returned function is called. What it throws does not reach the operation. */
  on<Name extends keyof ConnectionEvents>(name: Name, listener: (event: ConnectionEvents[Name]) => void): () => void {
    return this.#events.on(name, listener);
  }

  /** @internal */
  listened(name: keyof ConnectionEvents): boolean {
    return this.#events.listened(name);
  }

  /** @internal */
  emit<Name extends keyof ConnectionEvents>(name: Name, event: () => ConnectionEvents[Name]): void {
    this.#events.emit(name, event);
  }

  /** The full name of a model's table on this connection. */
  tableName(table: string): string {
    return this.tablePrefix + table;
  }
}

let defaultConnection: Connection | undefined;

/** Makes a connection the one that models use when they have none of their own, and returns it. */
export function connect(options: ConnectionOptions | Connection): Connection {
  defaultConnection = options instanceof Connection ? options : new Connection(options);
  return defaultConnection;
}

/** The connection `connect()` set. Throws `NoConnectionError` when there is none. */
export function currentConnection(user: string): Connection {
  if (defaultConnection === undefined) {
    throw new NoConnectionError(
      `${user} has no connection: call connect({ client }) first, or use ${user}.on(connection)`,
    );
  }
  return defaultConnection;
}

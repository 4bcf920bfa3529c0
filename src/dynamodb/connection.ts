import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Backoff } from "../base/backoff.js";
import { systemClock } from "../base/clock.js";
import type { Clock } from "../base/clock.js";
import { CoordinatorError, NoConnectionError, ValidationError } from "../base/errors.js";
import { Emitter } from "../base/events.js";
import { systemRandom } from "../base/random.js";
import type { Random } from "../base/random.js";
import type { ConnectionEvents } from "./connection-events.js";
import { Coordinator } from "./coordinator.js";
import type { CoordinatorHost } from "./coordinator.js";
import type { ProtocolHooks } from "./protocol-hooks.js";
import { Requests } from "./requests.js";
import { Tables, layoutOf } from "./table.js";
import type { CreateTableOptions, DeleteTableOptions, TableLayout, TableSource } from "./table.js";

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
  /** The table of transactions in flight, which `atomic()` needs where they take more than one request, and their lease. */
  readonly coordinator?: CoordinatorOptions | undefined;
  /** For tests: where time comes from. */
  readonly clock?: Clock | undefined;
  /** For tests: where randomness comes from. */
  readonly random?: Random | undefined;
  /** @internal */
  readonly hooks?: ProtocolHooks | undefined;
}

export interface CoordinatorOptions {
  /** Its name, before which the connection's prefix is put. Default: `"dynatx"`. */
  readonly table?: string | undefined;
  /**
   * How long a transaction in flight may show no sign of life before others may abort it, in milliseconds. Every process
   * judges by its own clock; a wrong guess costs a retry, never an item. Default: 5,000.
   */
  readonly leaseMs?: number | undefined;
}

/** The names of the reserved attributes on one connection. */
export interface ReservedAttributes {
  readonly writeId: string;
  readonly intent: string;
}

/** One DynamoDB endpoint as models see it: a client, a table prefix and the policies of retrying. */
export class Connection implements CoordinatorHost {
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
  /** @internal */
  readonly coordinator: Coordinator;
  /** @internal */
  readonly leaseMs: number;
  /** @internal */
  readonly hooks: ProtocolHooks;
  readonly #peers = new Set<Connection>();
  readonly #coordinatorLayout: TableLayout;
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
    const { table = "dynatx", leaseMs = 5000 } = options.coordinator ?? {};
    if (!(leaseMs > 0)) throw new ValidationError(`coordinator.leaseMs must be milliseconds, but it is ${leaseMs}`);
    this.leaseMs = leaseMs;
    this.#coordinatorLayout = Coordinator.layout(table);
    this.coordinator = new Coordinator(this, this.tableName(table));
    this.hooks = options.hooks ?? {};
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

  /**
   * Makes the table that `atomic()` needs where a transaction does not fit one request, unless it is there; on demand
   * unless units are given. Each endpoint that takes part in such a transaction has one. Throws `RequestError`.
   */
  async ensureCoordinator(options: CreateTableOptions = {}): Promise<void> {
    await this.#tables.ensure(this.#coordinatorLayout, this.coordinator.table, options);
    await this.coordinator.found();
  }

  /**
   * Tells this connection of another endpoint whose transactions may hold items here: those that span both. A process
   * that commits such a transaction knows it by itself; one that only reads or saves items must be told.
   */
  addCoordinator(other: Connection): void {
    if (other !== this) this.#peers.add(other);
  }

  /**
   * @internal The connection whose coordinator has that identity. Throws `CoordinatorError` for one that nobody has told
   * of, or that may be one that does not answer.
   */
  async connectionOf(identity: string): Promise<Connection> {
    let silent: unknown;
    for (const known of [this, ...this.#peers]) {
      try {
        if ((await known.coordinator.identity()) === identity) return known;
      } catch (error) {
        silent = error;
      }
    }
    const advice = "if it is another endpoint's, tell of it by connection.addCoordinator(other)";
    const message = `the coordinator ${identity} of a transaction in flight cannot be asked: ${advice}`;
    throw new CoordinatorError(message, { coordinator: identity, cause: silent });
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

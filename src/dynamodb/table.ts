import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTimeToLiveCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
  waitUntilTableNotExists,
} from "@aws-sdk/client-dynamodb";
import type {
  CreateTableCommandInput,
  DynamoDBClient,
  KeySchemaElement,
  ScalarAttributeType,
} from "@aws-sdk/client-dynamodb";
import { failed } from "./requests.js";

/** One attribute of a key, as the database stores it. */
export interface KeyAttribute {
  readonly name: string;
  readonly type: ScalarAttributeType;
}

export interface IndexLayout {
  readonly name: string;
  readonly hash: KeyAttribute;
  readonly range: KeyAttribute | undefined;
  /** The stored attributes that the index holds besides the keys and the reserved ones; `undefined`: all. */
  readonly attributes: readonly string[] | undefined;
}

/** What a connection must know to make a model's table. */
export interface TableLayout {
  readonly table: string;
  readonly hash: KeyAttribute;
  readonly range: KeyAttribute | undefined;
  readonly indexes: readonly IndexLayout[];
  /** The stored attribute that holds the time of expiry. */
  readonly ttl: string | undefined;
}

/** Where a model class keeps its layout. */
export const layoutOf: unique symbol = Symbol("dynatx.layout");

/** Any model class, as far as tables are concerned. */
export interface TableSource {
  readonly [layoutOf]: TableLayout;
}

export interface CreateTableOptions {
  /** Resolve only when the table can be used. Default: false (for `ensureTable`: true). */
  readonly waitForActive?: boolean | undefined;
  /** Provisioned read capacity units each second; with `writeUnits`. Default: on demand. */
  readonly readUnits?: number | undefined;
  /** Provisioned write capacity units each second; with `readUnits`. Default: on demand. */
  readonly writeUnits?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface DeleteTableOptions {
  /** Resolve only when the table is gone. Default: false. */
  readonly waitForDeletion?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

const maxWaitSeconds = 600; // a table that is not there after ten minutes will not come by waiting
const waitDelays = { minDelay: 1, maxDelay: 5, maxWaitTime: maxWaitSeconds };

function keySchema(hash: KeyAttribute, range: KeyAttribute | undefined): KeySchemaElement[] {
  const schema: KeySchemaElement[] = [{ AttributeName: hash.name, KeyType: "HASH" }];
  if (range) schema.push({ AttributeName: range.name, KeyType: "RANGE" });
  return schema;
}

/** The request that makes the table of a layout, under its full name. */
export function createTableInput(
  layout: TableLayout,
  TableName: string,
  reserved: readonly string[],
  options: CreateTableOptions,
): CreateTableCommandInput {
  const keys = [layout, ...layout.indexes].flatMap(({ hash, range }) => (range ? [hash, range] : [hash]));
  const types = new Map(keys.map(({ name, type }) => [name, type]));
  const { readUnits, writeUnits } = options;
  const throughput =
    readUnits !== undefined || writeUnits !== undefined
      ? { ReadCapacityUnits: readUnits ?? 1, WriteCapacityUnits: writeUnits ?? 1 }
      : undefined;
  const indexes = layout.indexes.map(({ name, hash, range, attributes }) => ({
    IndexName: name,
    KeySchema: keySchema(hash, range),
    Projection:
      attributes === undefined
        ? { ProjectionType: "ALL" as const }
        : {
            ProjectionType: "INCLUDE" as const,
            NonKeyAttributes: [...attributes, ...reserved],
          } /* rows are judged by the reserved ones */,
    ...(throughput && { ProvisionedThroughput: throughput }),
  }));
  return {
    TableName,
    AttributeDefinitions: [...types].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
    KeySchema: keySchema(layout.hash, layout.range),
    ...(indexes.length > 0 && { GlobalSecondaryIndexes: indexes }),
    ...(throughput ? { ProvisionedThroughput: throughput } : { BillingMode: "PAY_PER_REQUEST" as const }),
  };
}

/** Makes, ensures and deletes tables through one client. Every failure is a `RequestError`. */
export class Tables {
  readonly #client: DynamoDBClient;
  /** The names of the library's own attributes. */
  readonly #reserved: readonly string[];

  constructor(client: DynamoDBClient, reserved: readonly string[]) {
    this.#client = client;
    this.#reserved = reserved;
  }

  async create(layout: TableLayout, name: string, options: CreateTableOptions): Promise<void> {
    const input = createTableInput(layout, name, this.#reserved, options);
    await this.#attempt("CreateTable", name, () => this.#client.send(new CreateTableCommand(input), abort(options)));
    await this.#settle(layout, name, { ...options, waitForActive: options.waitForActive ?? false });
  }

  async ensure(layout: TableLayout, name: string, options: CreateTableOptions): Promise<void> {
    const input = createTableInput(layout, name, this.#reserved, options);
    await this.#attempt("CreateTable", name, async () => {
      try {
        await this.#client.send(new CreateTableCommand(input), abort(options));
      } catch (error) {
        if (!isNamed(error, "ResourceInUseException")) throw error;
      }
    });
    await this.#settle(layout, name, { ...options, waitForActive: options.waitForActive ?? true });
  }

  async delete(name: string, options: DeleteTableOptions): Promise<void> {
    await this.#attempt("DeleteTable", name, async () => {
      await this.#client.send(new DeleteTableCommand({ TableName: name }), abort(options));
      if (options.waitForDeletion) await waitUntilTableNotExists(this.#waiter(options.signal), { TableName: name });
    });
  }

  /** Waits for the table where that is asked for or needed, and turns expiry on. */
  async #settle(layout: TableLayout, name: string, options: CreateTableOptions): Promise<void> {
    const { ttl } = layout;
    if (options.waitForActive || ttl !== undefined) {
      await this.#attempt("DescribeTable", name, () =>
        waitUntilTableExists(this.#waiter(options.signal), { TableName: name }),
      );
    }
    if (ttl !== undefined) await this.#attempt("UpdateTimeToLive", name, () => this.#enableExpiry(name, ttl, options));
  }

  async #enableExpiry(TableName: string, AttributeName: string, options: CreateTableOptions): Promise<void> {
    try {
      const described = await this.#client.send(new DescribeTimeToLiveCommand({ TableName }), abort(options));
      const status = described.TimeToLiveDescription?.TimeToLiveStatus;
      if (status === "ENABLED" || status === "ENABLING") return;
      const TimeToLiveSpecification = { AttributeName, Enabled: true };
      await this.#client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }), abort(options));
    } catch (error) {
      // An endpoint without expiry (an emulator) keeps the items for ever, as its users expect.
      if (!isNamed(error, "UnknownOperationException")) throw error;
    }
  }

  #waiter(signal: AbortSignal | undefined): Parameters<typeof waitUntilTableExists>[0] {
    return { client: this.#client, ...waitDelays, ...(signal && { abortSignal: signal }) };
  }

  async #attempt(operation: string, table: string, run: () => Promise<unknown>): Promise<void> {
    try {
      await run();
    } catch (error) {
      throw failed(operation, table, error, false);
    }
  }
}

function abort(options: { readonly signal?: AbortSignal | undefined }): { abortSignal?: AbortSignal } {
  return options.signal ? { abortSignal: options.signal } : {};
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

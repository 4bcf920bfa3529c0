import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type {
  BatchGetItemCommandInput,
  BatchGetItemCommandOutput,
  BatchWriteItemCommandInput,
  BatchWriteItemCommandOutput,
  DeleteItemCommandInput,
  DynamoDBClient,
  GetItemCommandInput,
  GetItemCommandOutput,
  PutItemCommandInput,
  QueryCommandInput,
  QueryCommandOutput,
  ScanCommandInput,
  ScanCommandOutput,
  TransactWriteItemsCommandInput,
  UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { Backoff } from "../base/backoff.js";
import { RequestError, ValidationError } from "../base/errors.js";
import type { DynatxError } from "../base/errors.js";
import type { AttributeMap } from "./attribute.js";
import { asRefusal, classify, isTransient } from "./failure.js";
import { HandlerPlan } from "./handler-plan.js";
import type { PlannedCommand } from "./handler-plan.js";
import { pause } from "./pause.js";
import type { PauseHost } from "./pause.js";
import { singleAttempt } from "./single-attempt.js";
import type { Attempt } from "./single-attempt.js";

/** What became of one conditional write. */
export type WriteResult =
  /** It was applied; `attributes` when the request asked for them. */
  | { readonly outcome: "applied"; readonly attributes: AttributeMap | undefined }
  /** Its condition did not hold; `item` as it stands, where the endpoint tells. */
  | { readonly outcome: "refused"; readonly item: AttributeMap | undefined }
  /** Sent, and nothing proves what became of it. */
  | { readonly outcome: "doubt"; readonly cause: unknown };

/** One conditional write as DynamoDB takes it. */
export type WriteRequest = PutRequest | UpdateRequest | DeleteRequest;
export interface PutRequest {
  readonly operation: "PutItem";
  readonly input: PutItemCommandInput;
}
export interface UpdateRequest {
  readonly operation: "UpdateItem";
  readonly input: UpdateItemCommandInput;
}
export interface DeleteRequest {
  readonly operation: "DeleteItem";
  readonly input: DeleteItemCommandInput;
}

export interface RequestsOptions {
  readonly client: DynamoDBClient;
  /** Time and randomness of the waits, and where they are told. */
  readonly host: PauseHost;
  /** Between sends of a write that was provably not executed. */
  readonly backoff: Backoff;
  /** How often a write that was provably not executed is sent at the most. */
  readonly maxSends: number;
}

/** Everything that is sent to DynamoDB about items. Failures come out as `RequestError` with table and operation (bad input as `ValidationError`). */
export class Requests {
  readonly #options: RequestsOptions;
  /** By operation; that of a write has the middleware that makes it go out once. */
  readonly #plans = new Map<string, HandlerPlan>();

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  get(input: GetItemCommandInput, signal?: AbortSignal): Promise<GetItemCommandOutput> {
    return this.#read("GetItem", input.TableName, signal, (http) =>
      this.#options.client.send(this.#planned("GetItem", new GetItemCommand(input)), http),
    );
  }

  query(input: QueryCommandInput, signal?: AbortSignal): Promise<QueryCommandOutput> {
    return this.#read("Query", input.TableName, signal, (http) =>
      this.#options.client.send(this.#planned("Query", new QueryCommand(input)), http),
    );
  }

  scan(input: ScanCommandInput, signal?: AbortSignal): Promise<ScanCommandOutput> {
    return this.#read("Scan", input.TableName, signal, (http) =>
      this.#options.client.send(this.#planned("Scan", new ScanCommand(input)), http),
    );
  }

  batchGet(input: BatchGetItemCommandInput, signal?: AbortSignal): Promise<BatchGetItemCommandOutput> {
    const table = Object.keys(input.RequestItems ?? {})[0];
    return this.#read("BatchGetItem", table, signal, (http) =>
      this.#options.client.send(this.#planned("BatchGetItem", new BatchGetItemCommand(input)), http),
    );
  }

  /** Knows no condition, so that repeating it is harmless: it keeps the SDK's retries. */
  async batchWrite(input: BatchWriteItemCommandInput, signal?: AbortSignal): Promise<BatchWriteItemCommandOutput> {
    const table = Object.keys(input.RequestItems ?? {})[0];
    signal?.throwIfAborted(); // before it is sent: afterwards nobody would know what was written
    return this.#read("BatchWriteItem", table, undefined, (http) =>
      this.#options.client.send(this.#planned("BatchWriteItem", new BatchWriteItemCommand(input)), http),
    );
  }

  /**
   * One HTTP request for each attempt. What was provably not executed is sent again with back-off. The signal stops it
   * before a send; a write that was sent is always waited for, because leaving it would leave its outcome in doubt.
   */
  async write(request: WriteRequest, signal?: AbortSignal): Promise<WriteResult> {
    const { client, backoff, maxSends, host } = this.#options;
    const { operation, input } = request;
    const table = input.TableName ?? "";
    for (let sends = 1; ; sends++) {
      signal?.throwIfAborted();
      const { attempt, send } = this.#prepared(client, request);
      try {
        const output = await send();
        return { outcome: "applied", attributes: output.Attributes };
      } catch (error) {
        const kind = classify(error, attempt);
        if (kind === "doubt") return { outcome: "doubt", cause: error };
        const refusal = asRefusal(error);
        if (refusal !== undefined) return { outcome: "refused", item: refusal.Item };
        if (kind === "final" || sends >= maxSends) throw failed(operation, input.TableName, error, kind === "again");
        host.emit("resend", () => ({ operation, table, sends, error }));
        await pause(host, { reason: "resend", table, backoff, attempt: sends, signal });
      }
    }
  }

  /** A TransactWriteItems, which fails as the client does: `transactWrite` knows what its failures mean. */
  transact(input: TransactWriteItemsCommandInput): Prepared<unknown> {
    const command = new TransactWriteItemsCommand(input);
    const attempt = singleAttempt(command);
    return { attempt, send: () => this.#options.client.send(this.#planned("TransactWriteItems", command), uncached) };
  }

  #prepared(client: DynamoDBClient, request: WriteRequest): Prepared<{ Attributes?: AttributeMap | undefined }> {
    switch (request.operation) {
      case "PutItem": {
        const command = new PutItemCommand(request.input);
        const attempt = singleAttempt(command);
        return { attempt, send: () => client.send(this.#planned("PutItem", command), uncached) };
      }
      case "UpdateItem": {
        const command = new UpdateItemCommand(request.input);
        const attempt = singleAttempt(command);
        return { attempt, send: () => client.send(this.#planned("UpdateItem", command), uncached) };
      }
      case "DeleteItem": {
        const command = new DeleteItemCommand(request.input);
        const attempt = singleAttempt(command);
        return { attempt, send: () => client.send(this.#planned("DeleteItem", command), uncached) };
      }
    }
  }

  #planned<Command extends PlannedCommand>(operation: string, command: Command): Command {
    let plan = this.#plans.get(operation);
    if (plan === undefined) this.#plans.set(operation, (plan = new HandlerPlan()));
    plan.lead(command);
    return command;
  }

  async #read<Output>(
    operation: string,
    table: string | undefined,
    signal: AbortSignal | undefined,
    send: (http: { abortSignal: AbortSignal } | undefined) => Promise<Output>,
  ): Promise<Output> {
    signal?.throwIfAborted();
    try {
      return await send(signal && { abortSignal: signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw failed(operation, table, error, isTransient(error));
    }
  }
}

/** A write that is ready to be sent, once. */
export interface Prepared<Output> {
  /** To be looked at when it has failed. */
  readonly attempt: Attempt;
  readonly send: () => Promise<Output>;
}

/**
 * Options of its own keep a client with `cacheMiddleware` from sending this command by the middleware of another one:
 * that one's retries would come back, and its count of sends would be taken for this one's.
 */
const uncached = {};

/** The error a user meets when DynamoDB, or the way to it, refused a request. */
export function failed(operation: string, table: string | undefined, cause: unknown, retryable: boolean): DynatxError {
  const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
  const where = table === undefined ? "" : ` on table ${table}`;
  const message = `${operation}${where} failed: ${reason}`;
  // DynamoDB's own name for bad input that could not be seen before sending.
  if (cause instanceof Error && cause.name === "ValidationException")
    return new ValidationError(message, { cause, table });
  return new RequestError(message, { cause, operation, table, retryable });
}

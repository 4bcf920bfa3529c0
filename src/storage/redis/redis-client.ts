import { createHash } from "node:crypto";
import { ErrorReply } from "redis";
import { ConnectionLoss, StorageError } from "../../base/tx-errors.js";

/** What is used of a client of the package `redis`: one made by `createClient` or `createCluster`, connected. */
export interface RedisClient {
  readonly isOpen: boolean;
  readonly isReady?: boolean;
  duplicate(): RedisClient;
  connect(): Promise<unknown>;
  destroy(): unknown;
  on(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
  eval(script: string, options: EvalOptions): Promise<unknown>;
  evalSha(sha: string, options: EvalOptions): Promise<unknown>;
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
}

interface EvalOptions {
  readonly keys: string[];
  readonly arguments: string[];
}

const hashes = new Map<string, string>();

/** Runs scripts. A client that has lost its connection sends nothing later. */
export class RedisScripts {
  readonly #client: RedisClient;
  readonly #prefix: string;
  readonly #timeoutMs: number;

  /** An answer is waited for as long as `timeoutMs`: the client's library would wait for ever. */
  constructor(client: RedisClient, prefix: string, timeoutMs: number) {
    this.#client = client;
    this.#prefix = prefix;
    this.#timeoutMs = timeoutMs;
  }

  /** Runs a script with the prefix and `args`. Throws `ConnectionLoss` when nobody knows whether it ran, `StorageError` for what the server refuses. */
  async run(script: string, ...args: readonly (string | number)[]): Promise<unknown> {
    if (!this.#client.isOpen || this.#client.isReady === false) throw new ConnectionLoss("Redis is not connected");
    const options = { keys: [this.#prefix], arguments: [this.#prefix, ...args.map(String)] };
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new ConnectionLoss("Redis did not answer in time")), this.#timeoutMs);
    });
    try {
      return await Promise.race([this.#evaluate(script, options), silence]);
    } catch (error) {
      if (error instanceof ErrorReply) {
        throw new StorageError(`Redis refused a request: ${error.message}`, { cause: error });
      }
      // The library rejects all calls on their way with one error: it must not be changed.
      throw new ConnectionLoss("the connection to Redis was lost: the request may or may not have been served", {
        cause: error,
      });
    } finally {
      clearTimeout(timer);
    }
  }

  async #evaluate(script: string, options: EvalOptions): Promise<unknown> {
    try {
      return await this.#client.evalSha(hashOf(script), options);
    } catch (error) {
      // The code of Redis for a script that it has not seen: nothing was run.
      if (!(error instanceof ErrorReply) || !error.message.startsWith("NOSCRIPT")) throw error;
    }
    return this.#client.eval(script, options);
  }
}

function hashOf(script: string): string {
  const known = hashes.get(script);
  if (known !== undefined) return known;
  const hash = createHash("sha1").update(script).digest("hex");
  hashes.set(script, hash);
  return hash;
}

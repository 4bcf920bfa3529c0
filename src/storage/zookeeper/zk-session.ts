import { ValidationError } from "../../base/errors.js";
import { BadVersionError, ConnectionLoss, NoNodeError, NodeExistsError, StorageError } from "../../base/tx-errors.js";
import { createMode, errorCode, opCode } from "./raw-client.js";
import type { RawAcl, RawClient, RawError, RawOp, RawResult, RawStat } from "./raw-client.js";
import { Watches } from "../watches.js";
import type { OnChange } from "../watches.js";

/** What the server says about a node. */
export interface ZKStat {
  readonly version: number;
}

/** One operation of a `multi`. Version -1 stands for any. */
export type ZKOp =
  | { readonly type: "create"; readonly path: string; readonly data: Buffer; readonly sequential?: boolean }
  | { readonly type: "set"; readonly path: string; readonly data: Buffer; readonly version: number }
  | { readonly type: "delete" | "check"; readonly path: string; readonly version: number };

/** What one operation of a `multi` came to: a creation's path, the new state of what was set. */
export interface ZKResult {
  readonly path?: string;
  readonly stat?: ZKStat;
}

export interface ZKReadOptions {
  /** Called once, when the node or its children change or the session is lost. */
  readonly onChange?: OnChange | undefined;
  /** Ends the interest in changes. */
  readonly signal?: AbortSignal | undefined;
}

export interface ZKCreateOptions {
  readonly ephemeral?: boolean;
  readonly sequential?: boolean;
}

/** The server drops the connection of who sends a larger frame. */
const maxRequestBytes = 0xf_ffff;
/** What a request takes besides its paths and data. */
const overheadBytes = 200;

/**
 * One unbroken connection of one session of the server. Calls are sent at once and served in their order. When the
 * connection breaks it is over for ever: `lost` aborts, every call rejects with `ConnectionLoss`, also those on their way,
 * whose outcome nobody knows; nothing is sent later. The same session of the server may be connected again: `successor`.
 */
export class ZKSession {
  /** The session's id on the server, the same for all its connections. */
  readonly id: string;
  /** Resolves with the next connection of the same session of the server, `undefined` once that session is gone. */
  readonly successor: Promise<ZKSession | undefined>;
  readonly #raw: RawClient;
  readonly #acl: readonly RawAcl[];
  readonly #lost = new AbortController();
  readonly #nodes = new Watches();
  readonly #families = new Watches();
  /** How to end the calls on their way: the library forgets some. */
  readonly #pending = new Set<(error: Error) => void>();

  constructor(raw: RawClient, acl: readonly RawAcl[], successor: Promise<ZKSession | undefined>) {
    this.#raw = raw;
    this.#acl = acl;
    this.successor = successor;
    this.id = raw.getSessionId().toString("hex");
  }

  /** Aborted as soon as the session may be lost, with a `ConnectionLoss` as its reason. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Ends it. */
  lose(reason: ConnectionLoss): void {
    if (this.lost.aborted) return;
    this.#lost.abort(reason);
    for (const fail of this.#pending) fail(reason);
    this.#pending.clear();
    this.#nodes.fireAll();
    this.#families.fireAll();
  }

  /** Reads a node. Throws `NoNodeError`. */
  get(path: string, options: ZKReadOptions = {}): Promise<{ readonly data: Buffer; readonly stat: ZKStat }> {
    const watcher = this.#watch(this.#nodes, path, options);
    return this.#call(path, (resolve, reject) => {
      this.#raw.getData(path, watcher, (error, data, stat) => {
        if (error) reject(error);
        else resolve({ data: data ?? Buffer.alloc(0), stat: statOf(stat) });
      });
    });
  }

  /** Looks whether there is a node. */
  exists(path: string, options: ZKReadOptions = {}): Promise<ZKStat | undefined> {
    const watcher = this.#watch(this.#nodes, path, options);
    return this.#call(path, (resolve, reject) => {
      this.#raw.exists(path, watcher, (error, stat) => {
        if (error) reject(error);
        else resolve(stat ? statOf(stat) : undefined);
      });
    });
  }

  /** The names of a node's children. Throws `NoNodeError`. */
  children(path: string, options: ZKReadOptions = {}): Promise<readonly string[]> {
    const watcher = this.#watch(this.#families, path, options);
    return this.#call(path, (resolve, reject) => {
      this.#raw.getChildren(path, watcher, (error, names) => (error ? reject(error) : resolve(names)));
    });
  }

  /** Creates a node. Resolves with its path. Throws `NodeExistsError`, and `NoNodeError` when its parent is missing. */
  create(path: string, data: Buffer, options: ZKCreateOptions = {}): Promise<string> {
    return this.#call(path, (resolve, reject) => {
      checkSize([{ path, data }]);
      this.#raw.create(path, data, this.#acl, modeOf(options), (error, made) =>
        error ? reject(error) : resolve(made),
      );
    });
  }

  /** Changes a node. Throws `NoNodeError`, `BadVersionError`. */
  set(path: string, data: Buffer, version: number): Promise<ZKStat> {
    return this.#call(path, (resolve, reject) => {
      checkSize([{ path, data }]);
      this.#raw.setData(path, data, version, (error, stat) => (error ? reject(error) : resolve(statOf(stat))));
    });
  }

  /** Deletes a node. Throws `NoNodeError`, `BadVersionError`. */
  delete(path: string, version: number): Promise<void> {
    return this.#call(path, (resolve, reject) => {
      this.#raw.remove(path, version, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Applies all operations or none. Throws the error of the first that could not be applied, with its `index`. */
  multi(ops: readonly ZKOp[]): Promise<readonly ZKResult[]> {
    return this.#call(ops[0]?.path ?? "/", (resolve, reject) => {
      checkSize(ops);
      const transaction = this.#raw.transaction();
      // The library's own methods take version 0 for "any".
      for (const op of ops) transaction.ops.push(rawOp(op, this.#acl));
      transaction.commit((error, results) => {
        if (error) reject(culprit(ops, results) ?? error);
        else resolve((results ?? []).map(resultOf));
      });
    });
  }

  /** Makes a node and what is missing above it, empty. */
  async mkdirp(path: string): Promise<void> {
    const names = path.split("/").filter((name) => name !== "");
    const paths = names.map((_, index) => `/${names.slice(0, index + 1).join("/")}`);
    await Promise.all(
      paths.map(async (folder) => {
        try {
          await this.create(folder, Buffer.alloc(0));
        } catch (error) {
          if (!(error instanceof NodeExistsError)) throw error;
        }
      }),
    );
  }

  #watch(watches: Watches, path: string, { onChange, signal }: ZKReadOptions): (() => void) | undefined {
    if (onChange === undefined || this.lost.aborted) return undefined;
    return watches.add(path, onChange, signal);
  }

  #call<T>(path: string, send: (resolve: (value: T) => void, reject: (error: RawError) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      this.lost.throwIfAborted();
      const refuse = (error: RawError): void => {
        this.#pending.delete(reject);
        reject(translated(error, path));
      };
      this.#pending.add(reject);
      try {
        send((value) => {
          this.#pending.delete(reject);
          resolve(value);
        }, refuse);
      } catch (error) {
        refuse(error as Error); // what the library refuses to send
      }
    });
  }
}

function statOf({ version }: RawStat): ZKStat {
  return { version };
}

function resultOf({ path, stat }: RawResult): ZKResult {
  return { ...(path !== undefined && { path }), ...(stat && { stat: statOf(stat) }) };
}

function modeOf({ ephemeral = false, sequential = false }: ZKCreateOptions): number {
  return (ephemeral ? createMode.ephemeral : 0) + (sequential ? createMode.sequential : 0);
}

function rawOp(op: ZKOp, acls: readonly RawAcl[]): RawOp {
  const type = opCode[op.type];
  return op.type === "create" ? { ...op, type, acls, mode: modeOf(op) } : { ...op, type };
}

/** Of a refused multi, every operation has a code: "would have been fine", "not tried after another failed", or the reason. */
function culprit(ops: readonly ZKOp[], results: readonly RawResult[] | undefined): Error | undefined {
  const index = results?.findIndex(({ err = 0 }) => err !== 0 && err !== errorCode.runtimeInconsistency) ?? -1;
  const op = ops[index];
  return op && errorOf(results?.[index]?.err ?? 0, op.path, index);
}

function translated(error: RawError, path: string): Error {
  if (error instanceof StorageError || error.code === undefined) return error;
  return errorOf(error.code, path, undefined, error);
}

function errorOf(code: number, path: string, index?: number, cause?: Error): Error {
  const details = { path, index, cause };
  switch (code) {
    case errorCode.noNode:
      return new NoNodeError(`${path} or its parent is not there`, details);
    case errorCode.nodeExists:
      return new NodeExistsError(`${path} is there already`, details);
    case errorCode.badVersion:
      return new BadVersionError(`${path} has another version`, details);
    case errorCode.notEmpty:
      return new StorageError(`${path} has nodes below it: no key may be the folder of others`, details);
    case errorCode.connectionLoss:
    case errorCode.sessionExpired:
      return new ConnectionLoss("the connection to ZooKeeper was lost: the request may or may not have been served", {
        cause,
      });
    default:
      return new StorageError(
        `ZooKeeper refused a request about ${path}: ${cause?.message ?? `code ${code}`}`,
        details,
      );
  }
}

function checkSize(ops: readonly { readonly path: string; readonly data?: Buffer }[]): void {
  const bytes = ops.reduce((sum, { path, data }) => sum + overheadBytes + path.length * 2 + (data?.length ?? 0), 0);
  if (bytes <= maxRequestBytes) return;
  const what =
    ops.length === 1 ? `the value of ${ops[0]?.path}` : `what is to be written to ${ops.length} nodes at once`;
  throw new ValidationError(`${what} takes ${bytes} bytes, and ZooKeeper takes ${maxRequestBytes} in one request`);
}

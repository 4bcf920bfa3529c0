import { NoNodeError } from "../../base/tx-errors.js";
import { KeyValue, Value } from "../accessor.js";
import type { Versioned } from "../accessor.js";
import { ZKClient } from "./zk-client.js";
import type { GivenClient } from "./raw-client.js";
import { parentOf } from "./zk-layout.js";
import type { ZKSession } from "./zk-session.js";

export interface ZKAccessorOptions<T, K> {
  /** The node's path. Default: the key itself. What does not begin with a slash is under the configured root. */
  readonly getPath?: ((key: K) => string) | undefined;
  /** From a node's text to a value. Default: the text itself. */
  readonly load?: ((text: string) => T) | undefined;
  /** From a value to a node's text. Default: the value, which must be text. */
  readonly dump?: ((value: T) => string) | undefined;
  /** The value and version to read where there is no node. Default: `NoNodeError`. */
  readonly nonodeCallback?: (() => Versioned<T>) | undefined;
}

/** Nodes of ZooKeeper, one for each key. Missing parents are made, with the configured permissions. */
export class ZKKeyValue<T = string, K extends string | number = string> extends KeyValue<T, K> {
  readonly #client: ZKClient;
  readonly #options: ZKAccessorOptions<T, K>;

  /** Takes a `ZKClient`, or a client of `node-zookeeper-client`. */
  constructor(source: ZKClient | GivenClient, options: ZKAccessorOptions<T, K> = {}) {
    super();
    this.#client = ZKClient.of(source).client;
    this.#options = options;
  }

  /** The node's path. */
  getPath(key: K): string {
    const path = this.#options.getPath ? this.#options.getPath(key) : String(key);
    if (path.startsWith("/")) return path;
    const { root = "/" } = this.#client.config;
    return `${root.endsWith("/") ? root : `${root}/`}${path}`;
  }

  override async create(key: K, value: T): Promise<number> {
    const path = this.getPath(key);
    const session = await this.#session();
    await withParents(session, path, () => session.create(path, this.#dump(value)));
    return 0;
  }

  override async delete(key: K, version = -1): Promise<void> {
    await (await this.#session()).delete(this.getPath(key), version);
  }

  override async set(key: K, value: T, version = -1): Promise<number> {
    const session = await this.#session();
    return (await session.set(this.getPath(key), this.#dump(value), version)).version;
  }

  override async get(key: K): Promise<Versioned<T>> {
    try {
      const { data, stat } = await (await this.#session()).get(this.getPath(key));
      return [this.#load(data), stat.version];
    } catch (error) {
      const { nonodeCallback } = this.#options;
      if (error instanceof NoNodeError && nonodeCallback) return nonodeCallback();
      throw error;
    }
  }

  async #session(): Promise<ZKSession> {
    return this.#client.current ?? this.#client.session();
  }

  #dump(value: T): Buffer {
    return Buffer.from(this.#options.dump ? this.#options.dump(value) : String(value), "utf8");
  }

  #load(data: Buffer): T {
    const text = data.toString("utf8");
    // The cast: without `load`, T is the text itself.
    return this.#options.load ? this.#options.load(text) : (text as T);
  }
}

/** One node of ZooKeeper: a `ZKKeyValue` that needs no key. */
export class ZKValue<T = string> extends Value<T> {
  readonly #node: ZKKeyValue<T>;

  constructor(
    source: ZKClient | GivenClient,
    { getPath, ...options }: ZKAccessorOptions<T, never> & { getPath: () => string },
  ) {
    super();
    this.#node = new ZKKeyValue(source, { ...options, getPath: () => getPath() });
  }

  override create(value: T): Promise<number> {
    return this.#node.create("", value);
  }

  override delete(version?: number): Promise<void> {
    return this.#node.delete("", version);
  }

  override set(value: T, version?: number): Promise<number> {
    return this.#node.set("", value, version);
  }

  override get(): Promise<Versioned<T>> {
    return this.#node.get("");
  }

  override setOrCreate(value: T, version?: number): Promise<number> {
    return this.#node.setOrCreate("", value, version);
  }

  override safeDelete(version?: number): Promise<void> {
    return this.#node.safeDelete("", version);
  }
}

/** Runs `create`; when the node's parent is missing, makes it and runs it again. */
export async function withParents<T>(session: ZKSession, path: string, create: () => Promise<T>): Promise<T> {
  try {
    return await create();
  } catch (error) {
    if (!(error instanceof NoNodeError)) throw error;
  }
  await session.mkdirp(parentOf(path));
  return create();
}

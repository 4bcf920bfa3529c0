import { ValidationError } from "../../base/errors.js";
import { ConnectionLoss } from "../../base/tx-errors.js";
import { isRawClient, rawLibrary } from "./raw-client.js";
import type { GivenClient, RawClient } from "./raw-client.js";
import { ZKConnection } from "./zk-connection.js";
import { rawAcl } from "./zk-config.js";
import type { ZKConfig } from "./zk-config.js";
import type { ZKSession } from "./zk-session.js";

/** What a connection to ZooKeeper is made of: hosts, a configuration, a `ZKClient`, or a client of `node-zookeeper-client`. */
export type ZKSource = string | ZKConfig | ZKClient | GivenClient;

const defaultTimeoutMs = 10_000;
/** Between two rounds through all servers. */
const spinDelayMs = 100;

export interface ZKSessionOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * A client of ZooKeeper for any number of users, with one session at a time: when that is lost for good, the next call
 * makes another. Given a client of `node-zookeeper-client`, it works on that one's session and never closes it; then what
 * is lost for good stays lost.
 */
export class ZKClient {
  readonly config: ZKConfig;
  readonly #given: RawClient | undefined;
  readonly #waiting = new Set<() => void>();
  #connection: ZKConnection | undefined;
  #closed = false;

  /** Connects when it is first used. Throws `ValidationError` for a configuration that is none. */
  constructor(source: string | ZKConfig | GivenClient, config: Partial<ZKConfig> = {}) {
    if (typeof source === "object" && !("hosts" in source)) {
      if (!isRawClient(source)) throw new ValidationError("give hosts, or a client of node-zookeeper-client");
      this.#given = source;
      this.config = { hosts: "the given client's", ...config };
      // Its repetitions would be sent by another connection, long after their caller was told.
      if ((source.options.retries ?? 0) > 0) throw new ValidationError("give a ZooKeeper client with `retries: 0`");
    } else this.config = { ...(typeof source === "string" ? { hosts: source } : source), ...config };
    const { hosts, sessionTimeout = 1 } = this.config;
    if (typeof hosts !== "string" || hosts === "") throw new ValidationError("hosts: text like 127.0.0.1:2181");
    if (!(sessionTimeout > 0)) throw new ValidationError("sessionTimeout is a number of milliseconds above 0");
    rawAcl(this.config);
  }

  /** The client for a source, and whether it was made for it: then it is to be closed by who asked. */
  static of(source: ZKSource): { readonly client: ZKClient; readonly owned: boolean } {
    return source instanceof ZKClient
      ? { client: source, owned: false }
      : { client: new ZKClient(source), owned: true };
  }

  /** The session, if it is connected at this moment. */
  get current(): ZKSession | undefined {
    return this.#connection?.session;
  }

  /** The session, once it is connected. Throws `ConnectionLoss` when that takes longer than `connectTimeout`, and the signal's reason. */
  async session({ signal }: ZKSessionOptions = {}): Promise<ZKSession> {
    const { hosts, connectTimeout = defaultTimeoutMs } = this.config;
    const timeout = AbortSignal.timeout(connectTimeout);
    for (;;) {
      signal?.throwIfAborted();
      if (this.#closed) throw new ConnectionLoss("the ZooKeeper client was closed");
      const session = this.#connect().session;
      if (session !== undefined) return session;
      if (this.#connection?.isOver) {
        throw new ConnectionLoss("the given ZooKeeper client's session is over: make a new client");
      }
      if (timeout.aborted) {
        const advice = "are the servers there, and have they a quorum?";
        throw new ConnectionLoss(`no connection to ZooKeeper (${hosts}) within ${connectTimeout} ms: ${advice}`);
      }
      await this.#change(signal ? AbortSignal.any([signal, timeout]) : timeout);
    }
  }

  /** Ends the session, so that its marks of life go at once; a client that was given is left as it is. May be called twice. */
  async close(): Promise<void> {
    this.#closed = true;
    const connection = this.#connection;
    this.#connection = undefined;
    if (this.#given) connection?.leave();
    else await connection?.close();
    this.#wake();
  }

  #connect(): ZKConnection {
    const over = this.#connection === undefined || (this.#connection.isOver && this.#given === undefined);
    if (over) this.#connection = this.#newConnection();
    // It has just been made, if there was none.
    return this.#connection as ZKConnection;
  }

  #newConnection(): ZKConnection {
    const { hosts, sessionTimeout = defaultTimeoutMs, auth = [] } = this.config;
    const raw = this.#given ?? rawLibrary.createClient(hosts, { sessionTimeout, spinDelay: spinDelayMs, retries: 0 });
    if (this.#given === undefined) {
      for (const { user, password } of Array.isArray(auth) ? auth : [auth]) {
        raw.addAuthInfo("digest", Buffer.from(`${user}:${password}`));
      }
    }
    const owned = this.#given === undefined;
    return new ZKConnection(raw, { acl: rawAcl(this.config), hosts, owned, onChange: () => this.#wake() });
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Resolves at the next change of the connection, or when the signal aborts. */
  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener("abort", wake);
      if (signal.aborted) wake();
    });
  }
}

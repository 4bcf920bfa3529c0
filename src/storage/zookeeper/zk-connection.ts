import { ConnectionLoss, StorageError } from "../../base/tx-errors.js";
import { errorCode, managerState, rawLibrary, rawState } from "./raw-client.js";
import type { RawAcl, RawClient, RawPacket, RawSocket } from "./raw-client.js";
import { ZKSession } from "./zk-session.js";

/** Resolves what `ZKSession.successor` promises. */
type Succeed = (session: ZKSession | undefined) => void;

export interface ZKConnectionOptions {
  readonly acl: readonly RawAcl[];
  readonly hosts: string;
  /** Whether the library's client was made here, and is to end with this. */
  readonly owned: boolean;
  /** Called whenever `session` or `isOver` changes. */
  readonly onChange: () => void;
}

/** How many requests one connection sends at the most. */
const maxXid = 0x7ff0_0000;

/** The clients whose handler of frames has been mended. */
const guarded = new WeakSet<RawClient>();

/**
 * One session of the server, on one client of the library, made to survive what that one does not: a server that accepts
 * and is silent, frames cut in the middle, requests that are queued and sent later, answers that never come, codes that
 * it does not know. It connects again by itself until the session's time is over; each connection is a `ZKSession`.
 */
export class ZKConnection {
  readonly #raw: RawClient;
  readonly #options: ZKConnectionOptions;
  #session: ZKSession | undefined;
  #succeed: Succeed = () => {};
  #isOver = false;
  #stopListening: () => void = () => {};
  /** Fires when the server has been silent for too long. */
  #silence: NodeJS.Timeout | undefined;
  /** Fires when connecting takes too long. */
  #connecting: NodeJS.Timeout | undefined;
  /** Fires when the server must have given the session up. */
  #expiry: NodeJS.Timeout | undefined;

  constructor(raw: RawClient, options: ZKConnectionOptions) {
    this.#raw = raw;
    this.#options = options;
    guardFrames(raw);
    raw.on("state", this.#onState);
    if (isConnected(raw)) this.#connected();
    else {
      if (raw.connectionManager.state === 0) raw.connect(); // not started yet
      this.#watchConnecting();
    }
  }

  /** The connection of this moment. */
  get session(): ZKSession | undefined {
    return this.#session;
  }

  /** Whether the session of the server is gone for good. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Ends the session of the server, so that its ephemeral nodes go, and frees everything. */
  async close(): Promise<void> {
    const wasConnected = this.#session !== undefined;
    this.#end("the client was closed");
    if (wasConnected) {
      const ended = new Promise<void>((resolve) => {
        this.#raw.connectionManager.socket?.on("close", resolve);
        setTimeout(resolve, this.#timeout / 3).unref();
      });
      this.#raw.close();
      await ended;
    }
    this.#destroy();
  }

  /** Stops looking after a client that belongs to somebody else. */
  leave(): void {
    this.#end("the client was closed");
  }

  readonly #onState = ({ code }: { readonly code: number }): void => {
    if (code === rawState.connected) this.#connected();
    else if (code === rawState.expired || code === rawState.authFailed) {
      this.#end(code === rawState.expired ? "the session has expired" : "the credentials were refused");
      this.#destroy();
    } else if (code === rawState.disconnected) this.#disconnected();
  };

  #connected(): void {
    clearInterval(this.#connecting);
    clearTimeout(this.#expiry);
    this.#watchSilence();
    let succeed: Succeed = () => {};
    const successor = new Promise<ZKSession | undefined>((resolve) => {
      succeed = resolve;
    });
    const session = new ZKSession(this.#raw, this.#options.acl, successor);
    this.#session = session;
    this.#succeed(session);
    this.#succeed = succeed;
    this.#options.onChange();
  }

  #disconnected(): void {
    if (this.#isOver) return;
    this.#dropLeftovers();
    this.#lose("the connection broke");
    this.#expiry = setTimeout(() => {
      this.#end("the session was not connected again in time");
      this.#destroy();
    }, this.#timeout).unref();
    this.#watchConnecting();
    this.#options.onChange();
  }

  /** Nothing of what was on its way may be sent on the next connection, or be taken for the beginning of its frames. */
  #dropLeftovers(): void {
    const manager = this.#raw.connectionManager;
    manager.pendingBuffer = null;
    manager.xid = 0;
    for (const { callback } of manager.packetQueue.queue.splice(0)) {
      callback(rawLibrary.Exception.create(errorCode.connectionLoss));
    }
  }

  #lose(reason: string): void {
    clearTimeout(this.#silence);
    this.#stopListening();
    const session = this.#session;
    this.#session = undefined;
    session?.lose(new ConnectionLoss(`ZooKeeper (${this.#options.hosts}): ${reason}`));
  }

  #end(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#raw.removeListener("state", this.#onState);
    clearInterval(this.#connecting);
    clearTimeout(this.#expiry);
    this.#lose(reason);
    this.#succeed(undefined);
    this.#options.onChange();
  }

  /** Ends the library's client: it would try to connect for ever. */
  #destroy(): void {
    if (!this.#options.owned) return;
    const manager = this.#raw.connectionManager;
    manager.state = managerState.closing;
    // A connection that it is about to make.
    manager.onSocketConnected = () => manager.socket?.destroy();
    manager.socket?.destroy();
  }

  get #timeout(): number {
    return this.#raw.getSessionTimeout();
  }

  /** The library pings an idle server at a third of the session's time; one that answers nothing for two thirds is gone. */
  #watchSilence(): void {
    const socket: RawSocket | undefined = this.#raw.connectionManager.socket;
    clearTimeout(this.#silence);
    const silence = setTimeout(() => socket?.destroy(), (this.#timeout * 2) / 3).unref();
    this.#silence = silence;
    const onData = (): void => {
      silence.refresh();
      // The library counts its requests in 32 bits, and throws beyond; a new connection begins anew.
      if (this.#raw.connectionManager.xid > maxXid) socket?.destroy();
    };
    socket?.on("data", onData);
    this.#stopListening = () => void socket?.removeListener("data", onData);
  }

  /** The library waits for ever for a server that accepts a connection and says nothing. */
  #watchConnecting(): void {
    clearInterval(this.#connecting);
    const connecting = setInterval(() => {
      const { socket, connectTimeoutHandler } = this.#raw.connectionManager;
      clearTimeout(connectTimeoutHandler ?? undefined); // it would end the next attempt
      socket?.destroy();
    }, this.#timeout / 3);
    this.#connecting = connecting.unref();
  }
}

/** The library throws inside the socket's handler at what it does not know, and nobody gets an answer. */
function guardFrames(raw: RawClient): void {
  if (guarded.has(raw)) return;
  guarded.add(raw);
  const manager = raw.connectionManager;
  const handle = manager.onSocketData.bind(manager);
  let last: RawPacket | undefined;
  manager.pendingQueue.shift = () => {
    // The cast: what an array of packets holds.
    last = Array.prototype.shift.call(manager.pendingQueue) as RawPacket | undefined;
    return last;
  };
  manager.onSocketData = (buffer) => {
    try {
      handle(buffer);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const unknown = new StorageError(`ZooKeeper answered what its client does not know: ${message}`, {
        cause: error,
      });
      // The library asks its own errors for their code.
      last?.callback(Object.assign(unknown, { getCode: () => 0 }));
      if (manager.pendingBuffer) manager.onSocketData(Buffer.alloc(0));
    }
  };
}

function isConnected(raw: RawClient): boolean {
  return raw.getState().code === rawState.connected;
}

import { EventEmitter, once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** A way to a server on loopback that can be cut, or swallow what is sent. */
export class TcpProxy {
  readonly #target: number;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  readonly #events = new EventEmitter();
  #accepts = true;
  #swallowsRequests = false;
  #swallowsReplies = false;
  #cutReplyAfter: number | undefined;
  #patch: ((reply: Buffer) => Buffer) | undefined;

  private constructor(target: number, server: Server) {
    this.#target = target;
    this.#server = server;
    server.on("connection", (client) => this.#open(client));
  }

  static async start(target: number): Promise<TcpProxy> {
    const server = createServer();
    const proxy = new TcpProxy(target, server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return proxy;
  }

  get hosts(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** Breaks all connections; new ones are accepted, unless `refuse` is called as well. */
  cut(): void {
    for (const { client, server } of this.#pairs) {
      client.destroy();
      server.destroy();
    }
  }

  /** Breaks new connections at once, until `accept` is called. */
  refuse(): void {
    this.#accepts = false;
  }

  accept(): void {
    this.#accepts = true;
  }

  /** From now on, what clients send gets lost on connections that stay open. */
  swallowRequests(swallow = true): void {
    this.#swallowsRequests = swallow;
  }

  /** From now on, what the server answers gets lost. */
  swallowReplies(swallow = true): void {
    this.#swallowsReplies = swallow;
  }

  /** Cuts the connection in the middle of what the server says next, after so many bytes of it. */
  cutReplyAfter(bytes: number): void {
    this.#cutReplyAfter = bytes;
  }

  /** Changes what the server says next. */
  patchReply(patch: (reply: Buffer) => Buffer): void {
    this.#patch = patch;
  }

  /** Resolves when something that a client sent has reached the server, or was swallowed. */
  async nextRequest(): Promise<void> {
    await once(this.#events, "request");
  }

  /** Resolves when something that the server said was passed on, or swallowed. */
  async nextReply(): Promise<void> {
    await once(this.#events, "reply");
  }

  async stop(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  #open(client: Socket): void {
    if (!this.#accepts) return void client.destroy();
    const server = connect(this.#target, "127.0.0.1");
    const pair = { client, server };
    this.#pairs.add(pair);
    const end = (): void => {
      this.#pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      socket.setNoDelay();
      socket.on("error", end);
      socket.on("close", end);
    }
    client.on("data", (data) => {
      if (!this.#swallowsRequests) server.write(data);
      this.#events.emit("request");
    });
    server.on("data", (data) => {
      if (!this.#swallowsReplies) this.#reply(data, pair);
      this.#events.emit("reply");
    });
  }

  #reply(data: Buffer, { client, server }: Pair): void {
    const patch = this.#patch;
    this.#patch = undefined;
    const reply = patch ? patch(data) : data;
    if (this.#cutReplyAfter === undefined) return void client.write(reply);
    const part = reply.subarray(0, this.#cutReplyAfter);
    this.#cutReplyAfter = undefined;
    client.write(part, () => {
      client.destroy();
      server.destroy();
    });
  }
}

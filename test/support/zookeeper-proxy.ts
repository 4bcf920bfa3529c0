import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";

/** A frame is its length in four bytes, and so many bytes. */
const lengthBytes = 4;
/** What the protocol calls a ping and a watch's event, which nobody asked for. */
const pingXid = -2;
const eventXid = -1;
/** Client and proxy share an event loop, and loopback delivers at once: so many turns of it without a word are the end of a round. */
const quietTurns = 50;

/** What has passed since it was last asked. */
export interface Passed {
  /** What clients asked, without pings. */
  readonly requests: number;
  readonly pings: number;
  /** How often replies were let through together; each is a round trip that others had to wait for. 0 when none are held. */
  readonly rounds: number;
  /** In both directions, without pings. */
  readonly bytes: number;
}

/** A way to a ZooKeeper server that counts, and on which replies wait until nothing more is asked. */
export class ZooKeeperProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #holds = false;
  #passed = { requests: 0, pings: 0, rounds: 0, bytes: 0 };
  #activity = 0;

  private constructor(target: number, server: Server) {
    this.#server = server;
    server.on("connection", (client) => this.#open(client, connect(target, "127.0.0.1")));
  }

  static async start(target: number): Promise<ZooKeeperProxy> {
    const server = createServer();
    const proxy = new ZooKeeperProxy(target, server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return proxy;
  }

  get hosts(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** From now on, replies wait until all that was asked has one and nothing more is asked: then all go at once. */
  holdReplies(): void {
    this.#holds = true;
  }

  /** What has passed since the last call. */
  take(): Passed {
    const passed = this.#passed;
    this.#passed = { requests: 0, pings: 0, rounds: 0, bytes: 0 };
    return passed;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #open(client: Socket, server: Socket): void {
    let open = 0; // requests without a reply
    let held: Buffer[] = [];
    const end = (): void => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.setNoDelay();
      socket.on("error", end);
      socket.on("close", end);
    }
    const release = async (): Promise<void> => {
      for (let seen = -1, quiet = 0; quiet < quietTurns; quiet++) {
        if (seen !== this.#activity) quiet = 0;
        seen = this.#activity;
        await turn();
      }
      if (open > 0 || held.length === 0) return; // a later reply is the last one of this round
      this.#passed.rounds++;
      client.write(Buffer.concat(held));
      held = [];
    };
    onFrames(client, (frame, isFirst) => {
      this.#activity++;
      server.write(frame);
      if (isFirst) return; // the session's beginning
      if (xidOf(frame) === pingXid) return void this.#passed.pings++;
      open++;
      this.#passed.requests++;
      this.#passed.bytes += frame.length;
    });
    onFrames(server, (frame, isFirst) => {
      this.#activity++;
      const isReply = !isFirst && xidOf(frame) !== pingXid && xidOf(frame) !== eventXid;
      if (isReply) open--;
      if (isReply) this.#passed.bytes += frame.length;
      if (!this.#holds || !isReply) return void client.write(frame);
      held.push(frame);
      if (open === 0) void release();
    });
  }
}

function xidOf(frame: Buffer): number {
  return frame.readInt32BE(lengthBytes);
}

/** Calls back with each frame that a socket brings, and with whether it is the first. */
function onFrames(socket: Socket, onFrame: (frame: Buffer, isFirst: boolean) => void): void {
  let rest = Buffer.alloc(0);
  let isFirst = true;
  socket.on("data", (data) => {
    rest = Buffer.concat([rest, data]);
    while (rest.length >= lengthBytes) {
      const length = lengthBytes + rest.readInt32BE();
      if (rest.length < length) return;
      onFrame(rest.subarray(0, length), isFirst);
      isFirst = false;
      rest = rest.subarray(length);
    }
  });
}

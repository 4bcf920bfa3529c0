import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "redis";
import { TestServer, ensureServers, freePort, untilAnswer } from "./servers.js";

/** A Redis server of a test's own, that loses nothing. */
export class Redis extends TestServer {
  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--appendfsync", "always"];
    this.run("redis-server", ["--port", String(this.port), ...options]);
    await untilAnswer(this.port, "PING\r\n", (answer) => answer.includes("PONG"));
  }
}

export async function startRedis(): Promise<Redis> {
  ensureServers();
  const redis = new Redis(await freePort(), await mkdtemp(join(tmpdir(), "redis-")));
  await redis.start();
  return redis;
}

export type PlainRedis = Awaited<ReturnType<typeof connectRedis>>;

/** A connected client, whose errors nobody has to hear. */
export async function connectRedis(url: string) {
  const client = createClient({ url, socket: { reconnectStrategy: 20 } });
  client.on("error", () => {});
  await client.connect();
  return client;
}

import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "redis";
import { ensureServers, freePort, spawnServer, untilAnswer } from "./servers.js";

/** A Redis server of a test's own, that loses nothing. */
export class Redis {
  readonly port: number;
  readonly #folder: string;
  #process: ChildProcess | undefined;

  constructor(port: number, folder: string) {
    this.port = port;
    this.#folder = folder;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--appendfsync", "always"];
    this.#process = spawnServer("redis-server", ["--port", String(this.port), ...options], this.#folder);
    await untilAnswer(this.port, "PING\r\n", (answer) => answer.includes("PONG"));
  }

  pause(): void {
    this.#process?.kill("SIGSTOP");
  }

  resume(): void {
    this.#process?.kill("SIGCONT");
  }

  /** As a crash of its machine; the data stay. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
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

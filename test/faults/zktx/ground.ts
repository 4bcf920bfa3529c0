import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { ZKStorage } from "dynatx/zookeeper";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { startZooKeeper } from "../../support/zookeeper.js";
import type { ZooKeeper } from "../../support/zookeeper.js";
import { go } from "./orders.js";
import type { Deed, News, Orders } from "./orders.js";

const program = join(import.meta.dirname, "worker.ts");
const sessionTimeout = 1500;

/** A worker process, and what it has told. */
export class Worker {
  readonly #child: ChildProcess;
  readonly #told: News[] = [];

  constructor(orders: Orders) {
    this.#child = fork(program, [JSON.stringify(orders)], { execArgv: ["--import", "tsx"] });
    // True: a worker tells nothing else.
    this.#child.on("message", (message) => this.#told.push(message as News));
  }

  /** Resolves when it has told this. Rejects when it ends, or fails, without. */
  async until<Name extends News["news"]>(name: Name): Promise<Extract<News, { news: Name }>> {
    for (;;) {
      const found = this.#told.find(({ news }) => news === name);
      // True: found by its name.
      if (found !== undefined) return found as Extract<News, { news: Name }>;
      const failure = this.#told.find(({ news }) => news === "failed");
      if (failure !== undefined) throw new Error(`worker: ${JSON.stringify(failure)}`);
      if (!this.#child.connected) throw new Error(`the worker ended without ${name}: ${JSON.stringify(this.#told)}`);
      const over = new AbortController();
      const events = ["message", "disconnect"].map((event) => once(this.#child, event, { signal: over.signal }));
      for (const event of events) event.catch(() => {}); // the other one came first
      await Promise.race(events);
      over.abort();
    }
  }

  go(): void {
    this.#child.send(go);
  }

  /** Stops it, as a long pause of its machine does. */
  pause(): void {
    this.#child.kill("SIGSTOP");
  }

  resume(): void {
    this.#child.kill("SIGCONT");
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }
}

/** A ZooKeeper for the tests of a `describe`, with worker processes on it. */
export interface Ground {
  /** A client of this process. */
  readonly storage: ZKStorage;
  /** Another one. */
  connect(): ZKStorage;
  start(deed: Deed): Worker;
  /** The value of a record, as it is stored. */
  value(key: string): Promise<unknown>;
  /** The names of the nodes in a folder. */
  nodes(folder: string): Promise<readonly string[]>;
}

export function useGround(): Ground {
  let server: ZooKeeper;
  let root = "";
  let storage: ZKStorage;
  let workers: Worker[] = [];
  let storages: ZKStorage[] = [];
  const connect = (): ZKStorage => {
    const made = new ZKStorage({ hosts: server.hosts, root });
    storages.push(made);
    return made;
  };
  beforeAll(async () => {
    server = await startZooKeeper();
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    root = `/${randomBytes(6).toString("hex")}`;
    workers = [];
    storages = [];
    storage = connect();
  });
  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.kill()));
    await Promise.all(storages.map((each) => each.close()));
  });
  return {
    get storage() {
      return storage;
    },
    connect,
    start(deed) {
      const worker = new Worker({ hosts: server.hosts, root, sessionTimeout, ...deed });
      workers.push(worker);
      return worker;
    },
    async value(key) {
      return (await storage.getLatest(key))[0];
    },
    async nodes(folder) {
      return (await storage.client.session()).children(`${root}/${folder}`);
    },
  };
}

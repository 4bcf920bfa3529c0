import { fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { pausing, stop, working } from "./orders.js";
import type { LifeOrders } from "./orders.js";

/** Who was told to stop and works on for so long will never end. */
const stuckMs = 60_000;

export interface FleetOptions {
  readonly size: number;
  /** The file that a worker runs. */
  readonly program: string;
  /** The orders of the n-th life of a worker. */
  readonly orders: (worker: number, life: number) => LifeOrders;
  /** How long a worker sleeps that stops at a step. */
  readonly pauseMs: () => number;
}

/** The worker processes: they are killed, stopped and continued, and begin a new life after each death. */
export class Fleet {
  readonly counts = { lives: 0, kills: 0, killsAtSteps: 0, pauses: 0, pausesAtSteps: 0 };
  /** The history of each life. */
  readonly files: string[] = [];
  /** What no worker may do: end by itself, or never. */
  readonly faults: string[] = [];
  readonly #options: FleetOptions;
  /** Resolves when the first of them has begun to work. */
  readonly begun: Promise<void>;
  #begin: () => void = () => {};
  readonly #alive: (ChildProcess | undefined)[] = [];
  /** Those that have begun to work. */
  readonly #working = new WeakSet<ChildProcess>();
  readonly #killed = new WeakSet<ChildProcess>();
  readonly #lives: number[] = [];
  readonly #ends = new Set<Promise<void>>();
  #ending = false;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.begun = new Promise((resolve) => (this.#begin = resolve));
    for (let worker = 0; worker < options.size; worker++) this.#start(worker);
  }

  /** Whoever has not begun to work yet is spared: its death would show nothing. */
  kill(worker: number): void {
    const child = this.#alive[worker];
    if (child === undefined || !this.#working.has(child)) return;
    this.counts.kills++;
    this.#killed.add(child);
    child.kill("SIGKILL");
  }

  /** A zombie: it goes on later as if nothing had happened. */
  async pause(worker: number, ms: number): Promise<void> {
    const child = this.#alive[worker];
    if (child === undefined || !this.#working.has(child)) return;
    this.counts.pauses++;
    child.kill("SIGSTOP");
    await delay(ms);
    child.kill("SIGCONT");
  }

  /** Resolves when all have ended; `killed` are not asked. */
  async end(killed: (worker: number) => boolean): Promise<void> {
    this.#ending = true;
    this.#alive.forEach((child, worker) => {
      if (child === undefined) return;
      if (killed(worker)) this.kill(worker);
      child.kill("SIGCONT");
      if (child.connected) child.send(stop);
    });
    const patience = new AbortController();
    const ended = Promise.all(this.#ends).then(() => true);
    const late = delay(stuckMs, false, { signal: patience.signal }).catch(() => false);
    if (!(await Promise.race([ended, late]))) {
      this.#alive.forEach((child, worker) => {
        if (child === undefined) return;
        this.faults.push(`worker ${worker} was told to stop and did not come to an end in ${stuckMs} ms`);
        this.kill(worker);
      });
      await ended;
    }
    patience.abort();
  }

  #start(worker: number): void {
    const life = (this.#lives[worker] = (this.#lives[worker] ?? -1) + 1);
    const orders = this.#options.orders(worker, life);
    this.counts.lives++;
    const child = fork(this.#options.program, [JSON.stringify(orders)], {
      execArgv: [],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
    });
    this.#alive[worker] = child;
    child.on("message", (message) => {
      if (message === working) {
        this.files.push(orders.file);
        this.#working.add(child);
        this.#begin();
        if (this.#ending) child.send(stop); // the first may have come too early
      }
      if (message === pausing) void this.#wakeLater(child);
    });
    const end = this.#follow(worker, child, orders.name).finally(() => this.#ends.delete(end));
    this.#ends.add(end);
  }

  /** Resolves when the process has ended, and another one has taken its place. */
  async #follow(worker: number, child: ChildProcess, name: string): Promise<void> {
    // True: these are the parameters of a child's event `exit`.
    const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    this.#alive[worker] = undefined;
    if (signal === "SIGKILL" && !this.#killed.has(child)) this.counts.killsAtSteps++;
    if (signal !== "SIGKILL" && !(code === 0 && this.#ending))
      this.faults.push(`worker ${name} ended by itself: ${signal ?? code}`);
    if (!this.#ending) this.#start(worker);
  }

  async #wakeLater(child: ChildProcess): Promise<void> {
    this.counts.pausesAtSteps++;
    await delay(this.#options.pauseMs());
    child.kill("SIGCONT");
  }
}

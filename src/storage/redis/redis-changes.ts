import { ConnectionLoss } from "../../base/tx-errors.js";
import { Watches } from "../watches.js";
import type { RedisClient } from "./redis-client.js";

/** What is told of changes of entries, on a connection of its own; it is made when somebody first waits. */
export class RedisChanges {
  readonly #client: RedisClient;
  readonly #channel: string;
  readonly #watches = new Watches();
  #subscriber: RedisClient | undefined;
  #ready: Promise<void> | undefined;

  constructor(client: RedisClient, channel: string) {
    this.#client = client;
    this.#channel = channel;
  }

  /** Resolves once nothing of what happens from then on is missed. */
  ready(): Promise<void> {
    this.#ready ??= this.#subscribe().catch((error: unknown) => {
      this.#ready = undefined;
      throw new ConnectionLoss("Redis tells nothing of changes: no connection", { cause: error });
    });
    return this.#ready;
  }

  /** Calls `onChange` once, at the next change of an entry or when changes may have been missed, unless the signal aborts. */
  once(entry: string, onChange: () => void, signal: AbortSignal): void {
    this.#watches.add(entry, onChange, signal);
    signal.addEventListener("abort", () => this.#watches.forget(entry));
  }

  close(): void {
    this.#subscriber?.destroy();
    this.#subscriber = undefined;
    this.#watches.fireAll();
  }

  async #subscribe(): Promise<void> {
    const subscriber = this.#client.duplicate();
    this.#subscriber = subscriber;
    subscriber.on("error", () => this.#watches.fireAll()); // it connects again by itself
    subscriber.on("ready", () => this.#watches.fireAll());
    await subscriber.connect();
    await subscriber.subscribe(this.#channel, (entry) => this.#watches.fire(entry));
  }
}

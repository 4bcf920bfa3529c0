import { monotonicMs } from "../../base/clock.js";
import type { Clock } from "../../base/clock.js";
import { ConnectionLoss } from "../../base/tx-errors.js";
import type { AliveMark } from "../types.js";
import type { RedisScripts } from "./redis-client.js";
import { renew, unmark } from "./scripts.js";

export interface RedisMarkOptions {
  readonly scripts: RedisScripts;
  readonly clock: Clock;
  readonly leaseMs: number;
  /** When it was asked for, by the monotonic clock: from then on the lease counts. */
  readonly askedAt: number;
  /** Told when it is over. */
  readonly onEnd: (mark: RedisMark) => void;
}

/**
 * A mark of life in Redis: a lease, renewed every third of it. It is lost as soon as this process cannot be sure of it:
 * by the clock, because the connection broke, or because Redis says so. Its token is in every write that depends on it, so
 * that a process which does not know yet that it is dead changes nothing.
 */
export class RedisMark implements AliveMark {
  readonly txid: number;
  readonly token: string;
  readonly #options: RedisMarkOptions;
  readonly #lost = new AbortController();
  readonly #renewal: NodeJS.Timeout;
  #expiry: NodeJS.Timeout;
  #ended = false;

  constructor(txid: number, token: string, options: RedisMarkOptions) {
    this.txid = txid;
    this.token = token;
    this.#options = options;
    this.#renewal = setInterval(() => void this.#renew(), options.leaseMs / 3).unref();
    this.#expiry = this.#expires(options.askedAt);
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Takes note that others may take the transaction for dead. */
  lose(reason: string): void {
    if (this.#ended || this.lost.aborted) return;
    this.#stop();
    this.#lost.abort(new ConnectionLoss(`transaction ${this.txid}: ${reason}`, { txid: this.txid }));
    this.#options.onEnd(this);
  }

  /** Takes note that the batch has ended it. */
  ended(): void {
    this.#ended = true;
    this.#stop();
    this.#options.onEnd(this);
  }

  async release(): Promise<void> {
    if (this.#ended) return;
    await this.#options.scripts.run(unmark, this.txid, this.token);
    this.ended();
  }

  async #renew(): Promise<void> {
    const askedAt = monotonicMs(this.#options.clock);
    try {
      const renewed = await this.#options.scripts.run(renew, this.txid, this.token, this.#options.leaseMs);
      if (renewed === 1) this.#expiry = this.#expires(askedAt);
      else this.lose("its lease ran out");
    } catch {
      this.lose("its lease could not be renewed");
    }
  }

  #expires(askedAt: number): NodeJS.Timeout {
    clearTimeout(this.#expiry);
    const left = askedAt + this.#options.leaseMs - monotonicMs(this.#options.clock);
    return setTimeout(() => this.lose("its lease ran out"), left).unref();
  }

  #stop(): void {
    clearInterval(this.#renewal);
    clearTimeout(this.#expiry);
  }
}

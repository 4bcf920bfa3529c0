import { backOff } from "../base/backoff.js";
import type { Backoff } from "../base/backoff.js";
import type { Clock } from "../base/clock.js";
import type { EventSource } from "../base/events.js";
import type { Random } from "../base/random.js";
import type { ConnectionEvents, WaitReason } from "./connection-events.js";

/** What a wait needs of its connection. */
export interface PauseHost extends EventSource<ConnectionEvents> {
  readonly clock: Clock;
  readonly random: Random;
}

export interface Pause {
  readonly reason: WaitReason;
  readonly table: string;
  readonly backoff: Backoff;
  /** How many attempts have failed, from 1. */
  readonly attempt: number;
  readonly signal?: AbortSignal | undefined;
}

/** Waits as `backOff` does, and tells of it. Rejects with the signal's reason when it aborts. */
export function pause(host: PauseHost, { reason, table, backoff, attempt, signal }: Pause): Promise<void> {
  const { clock, random } = host;
  const onWait = host.listened("wait") ? (ms: number) => host.emit("wait", () => ({ reason, table, ms })) : undefined;
  return backOff(backoff, attempt, { clock, random, signal, onWait });
}

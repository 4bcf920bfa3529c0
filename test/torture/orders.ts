import type { ProtocolRule, ProtocolStep } from "../../src/dynamodb/protocol-hooks.js";
import type { EndpointKind } from "./settings.js";
import type { RegionPlace } from "./world.js";

/** What is to happen to the process at a step of the protocol. */
export interface Fate {
  readonly step: ProtocolStep;
  /** Counted from 1. */
  readonly occurrence: number;
  readonly end: "kill" | "pause";
}

/** What every life is told, among other things. */
export interface LifeOrders {
  /** Unique in the run. */
  readonly name: string;
  /** The history. */
  readonly file: string;
}

export interface Orders extends LifeOrders {
  readonly seed: number;
  readonly kind: EndpointKind;
  readonly places: readonly RegionPlace[];
  readonly leaseMs: number;
  readonly clients: number;
  /** When the run began, in milliseconds since the epoch. */
  readonly startedAt: number;
  readonly generationMs: number;
  readonly without: readonly ProtocolRule[];
  readonly fate?: Fate | undefined;
}

/** What a worker tells: that it begins to work. */
export const working = "working";
/** That it stops itself now, and is to be continued later. */
export const pausing = "pausing";
/** What it is told: to come to an end. */
export const stop = "stop";

import type { DynamoDB } from "@aws-sdk/client-dynamodb";
import type { TableLayout } from "../clients/table-layout.js";

/** How the work on one counter goes. */
export interface Progress {
  /** Set when time is up: loops give up before their next attempt. */
  readonly stopped: boolean;
  /** Resolves then, for those who wait. */
  readonly over: Promise<void>;
  /** Called once for each read and conditional write. */
  attempted(): void;
}

/** A contestant with a client of its own. */
export interface Opened {
  create(id: string): Promise<unknown>;
  /** Adds one to a counter, by reading it, and writing it unless it has changed. False: given up, and nothing was written. */
  increment(id: string, progress: Progress): Promise<boolean>;
  read(id: string): Promise<number>;
  /** How many rows tell of increments of a counter, where there are rows. */
  rows?(id: string): Promise<number>;
}

export interface Contestant {
  readonly name: string;
  /** What it does, exactly, for the report. */
  readonly does: string;
  /** The table of its counters first, then any others it needs. */
  readonly tables: readonly TableLayout[];
  open(client: DynamoDB): Opened;
}

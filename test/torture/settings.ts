import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProtocolRule } from "../../src/dynamodb/protocol-hooks.js";
import { Dice } from "../support/dice.js";
import type { FaultOverrides } from "./fault-mix.js";

export type EndpointKind = "dynalite" | "local";

/** One run of the torture. */
export interface Settings {
  readonly seed: number;
  readonly kind: EndpointKind;
  /** How long operations are begun, in milliseconds; starting, ending and checking come on top. */
  readonly durationMs: number;
  readonly workers: number;
  /** Operations that one worker has under way at once. */
  readonly clients: number;
  /** Sets of tables with a coordinator of their own; transactions span them. */
  readonly regions: 1 | 2;
  readonly leaseMs: number;
  /** How long one set of keys is worked on, in milliseconds: lists that grew for ever would slow the run down. */
  readonly generationMs: number;
  /** What the shares of the default mix are multiplied with. */
  readonly faults: number;
  readonly faultOverrides: FaultOverrides;
  /** The mean time between two kills, pauses or recoveries, in milliseconds. */
  readonly blowMs: number;
  /** Rules of the protocol that are left out, to see that it is found. */
  readonly without: readonly ProtocolRule[];
  /** A folder that takes the histories. */
  readonly folder: string;
}

export type ChosenSettings = Partial<Settings> & Pick<Settings, "seed" | "kind" | "durationMs">;

const leasesMs = [300, 500, 1000];

/** What was not chosen is drawn from the seed, or the default. */
export function settingsOf(chosen: ChosenSettings): Settings {
  const dice = new Dice(chosen.seed);
  const regions = dice.chance(0.35) ? 2 : 1;
  return {
    workers: 3,
    clients: 4,
    regions,
    leaseMs: dice.pick(leasesMs),
    generationMs: 12_000,
    faults: 1,
    faultOverrides: {},
    blowMs: 1500,
    without: [],
    ...chosen,
    folder: chosen.folder ?? mkdtempSync(join(tmpdir(), "dynatx-torture-")),
  };
}

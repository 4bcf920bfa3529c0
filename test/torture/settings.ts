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

export type ChosenSettings = { readonly [Name in keyof Settings]?: Settings[Name] | undefined } & Pick<
  Settings,
  "seed" | "kind" | "durationMs"
>;

const leasesMs = [300, 500, 1000];

/** What was not chosen is drawn from the seed, or the default. */
export function settingsOf(chosen: ChosenSettings): Settings {
  const dice = new Dice(chosen.seed);
  const [two, leaseMs] = [dice.chance(0.35), dice.pick(leasesMs)];
  return {
    seed: chosen.seed,
    kind: chosen.kind,
    durationMs: chosen.durationMs,
    workers: chosen.workers ?? 3,
    clients: chosen.clients ?? 4,
    regions: chosen.regions ?? (two ? 2 : 1),
    leaseMs: chosen.leaseMs ?? leaseMs,
    generationMs: chosen.generationMs ?? 12_000,
    faults: chosen.faults ?? 1,
    faultOverrides: chosen.faultOverrides ?? {},
    blowMs: chosen.blowMs ?? 1500,
    without: chosen.without ?? [],
    folder: chosen.folder ?? mkdtempSync(join(tmpdir(), "dynatx-torture-")),
  };
}

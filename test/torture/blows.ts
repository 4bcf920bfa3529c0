/** What befalls the workers, and who cleans up beside them. */
import { setTimeout as delay } from "node:timers/promises";
import { CoordinatorError, RequestError, recover } from "dynatx";
import { protocolSteps } from "../../src/dynamodb/protocol-hooks.js";
import type { Dice } from "../support/dice.js";
import type { Fleet } from "./fleet.js";
import { stored } from "./models.js";
import type { Fate } from "./orders.js";
import type { Settings } from "./settings.js";
import type { World } from "./world.js";

const fatedShare = 0.6;
/** Low numbers are the likelier ones: on a slow machine a life is short. */
const mostOccurrences = 30;

/** Whether a worker is to die or sleep at a step of the protocol, and at which. */
export function drawFate(dice: Dice): Fate | undefined {
  const [fated, occurrence] = [dice.chance(fatedShare), 1 + dice.below(1 + dice.below(mostOccurrences))];
  const fate: Fate = { step: dice.pick(protocolSteps), occurrence, end: dice.pick(["kill", "kill", "pause"] as const) };
  return fated ? fate : undefined;
}

/** Sometimes shorter than a lease, mostly longer: then others abort what the sleeper has in flight. */
export function drawPauseMs(dice: Dice, leaseMs: number): number {
  return leaseMs * (0.5 + (2 * dice.below(1000)) / 1000);
}

export interface Recoveries {
  count: number;
  readonly unfinished: string[];
  readonly unexpected: string[];
}

/** Kills, pauses and recoveries until the time is over. */
export async function strike(
  fleet: Fleet,
  cleaner: World,
  settings: Settings,
  { dice, until, recoveries }: { readonly dice: Dice; readonly until: number; readonly recoveries: Recoveries },
): Promise<void> {
  const pauses: Promise<void>[] = [];
  for (;;) {
    const waitMs = settings.blowMs * 2 * (dice.below(1000) / 1000);
    const [blow, worker] = [dice.below(100), dice.below(settings.workers)];
    const pauseMs = drawPauseMs(dice, settings.leaseMs);
    const left = until - Date.now();
    await delay(Math.min(waitMs, Math.max(left, 0)));
    if (waitMs >= left) break;
    if (blow < 40) fleet.kill(worker);
    else if (blow < 75) pauses.push(fleet.pause(worker, pauseMs));
    else await cleanUp(cleaner, recoveries, blow < 88);
  }
  await Promise.all(pauses);
}

async function cleanUp({ regions }: World, recoveries: Recoveries, sweep: boolean): Promise<void> {
  for (const { connection } of regions) {
    recoveries.count++;
    try {
      await recover(connection, sweep ? { tables: stored } : {});
    } catch (error) {
      const known = error instanceof RequestError || error instanceof CoordinatorError;
      recoveries[known ? "unfinished" : "unexpected"].push(String(error));
    }
  }
}

/** What befalls servers, ways and workers. */
import { setTimeout as delay } from "node:timers/promises";
import { TXError, listRecoverable, runTx } from "dynatx/zktx";
import type { Storage } from "dynatx/zktx";
import type { Dice } from "../../support/dice.js";
import type { ZooKeeper } from "../../support/zookeeper.js";
import type { Fleet } from "../fleet.js";
import type { Fate } from "./orders.js";
import type { Settings } from "./settings.js";
import { wayFaults } from "./way.js";
import type { Way } from "./way.js";

/** For whoever goes on with what died long ago. */
const heirTimeoutMs = 3_600_000;

export interface Field {
  readonly servers: readonly ZooKeeper[];
  readonly ways: readonly Way[];
  readonly fleet: Fleet;
  /** Of one who looks after what died. */
  readonly storage: Storage;
  readonly settings: Settings;
  readonly dice: Dice;
  /** How often each thing happened. */
  readonly counts: Map<string, number>;
}

export function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** Whether a worker is to die or sleep at a commit, and at which. */
export function drawFate(dice: Dice): Fate | undefined {
  const [fated, commit] = [dice.chance(0.6), 1 + dice.below(1 + dice.below(60))];
  const fate: Fate = { commit, when: dice.pick(["before", "after"]), end: dice.pick(["kill", "kill", "pause"]) };
  return fated ? fate : undefined;
}

/** Shorter than a session, or longer: then others break its locks. */
export function drawSpellMs(dice: Dice, { sessionMs }: Settings): number {
  return sessionMs * (0.2 + (1.8 * dice.below(1000)) / 1000);
}

/** Deals blows until the time is over. */
export async function strike(field: Field, until: number): Promise<void> {
  const { dice, settings } = field;
  const spells: Promise<void>[] = [];
  for (;;) {
    const waitMs = settings.blowMs * 2 * (dice.below(1000) / 1000);
    const left = until - Date.now();
    await delay(Math.min(waitMs, Math.max(left, 0)));
    if (waitMs >= left || settings.blowMs === 0) break;
    spells.push(blow(field, drawSpellMs(dice, settings)));
  }
  await Promise.all(spells);
}

/** The servers that are down or asleep: the others must be a quorum, where there are others. */
const struck = new WeakSet<ZooKeeper>();

async function blow(field: Field, ms: number): Promise<void> {
  const { dice, fleet, ways, settings, counts } = field;
  const [kind, worker] = [dice.below(100), dice.below(Math.max(settings.workers, 1))];
  if (kind < 15) return fleet.kill(worker);
  if (kind < 30) return fleet.pause(worker, ms);
  if (kind < 45) return void (await inherit(field));
  if (kind < 85) {
    const fault = dice.pick(wayFaults);
    count(counts, fault);
    return dice.pick(ways).suffer(fault, ms);
  }
  return strikeServer(field, kind < 93, ms);
}

async function strikeServer({ servers, counts, dice }: Field, kills: boolean, ms: number): Promise<void> {
  if (servers.some((server) => struck.has(server))) return;
  const leaders = await Promise.all(servers.map((server) => server.isLeader()));
  const server = servers[leaders.indexOf(true)] ?? dice.pick(servers);
  if (servers.some((each) => struck.has(each))) return; // meanwhile
  struck.add(server);
  count(counts, kills ? "server killed" : "server paused");
  if (kills) await server.kill();
  else server.pause();
  await delay(kills ? 0 : ms);
  if (kills) server.start();
  else server.resume();
  await server.ready();
  struck.delete(server);
}

/** Goes on with those that died with their state saved: commits them, or gives them up. */
export async function inherit({ storage, counts, dice }: Field): Promise<number> {
  let found = 0;
  try {
    for await (const [txid] of listRecoverable(storage)) {
      found++;
      const gives = dice.chance(0.3);
      const end = (tx: { commit(): Promise<void>; abort(): Promise<never> }): Promise<void> =>
        gives ? tx.abort() : tx.commit();
      const [status] = await runTx(storage, end, { txid, timeout: heirTimeoutMs });
      count(counts, `inherited: ${status}`);
    }
  } catch (error) {
    if (!(error instanceof TXError)) throw error;
    count(counts, `inherited: ${error.name}`);
  }
  return found;
}

/** One run, from the servers to the verdict. */
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { runTx } from "dynatx/zktx";
import type { ZKStorage } from "dynatx/zookeeper";
import { Dice } from "../../support/dice.js";
import type { ZooKeeper } from "../../support/zookeeper.js";
import { Fleet } from "../fleet.js";
import { buildWorker } from "../worker-program.js";
import { count, drawFate, drawSpellMs, inherit, strike } from "./blows.js";
import type { Field } from "./blows.js";
import { storageAt, workAsCrew } from "./crew.js";
import type { AroundCommit } from "./crew.js";
import { accounts, opening } from "./keys.js";
import type { Orders, Place } from "./orders.js";
import type { Settings } from "./settings.js";
import { judge, lookAtAll, marksLeft } from "./verdict.js";
import type { Verdict } from "./verdict.js";
import { Way } from "./way.js";

export interface TortureReport {
  readonly settings: Settings;
  readonly verdict: Verdict;
  readonly fleet: Fleet["counts"];
  readonly faults: ReadonlyMap<string, number>;
  /** Everything that must not be, with its explanation. */
  readonly anomalies: readonly string[];
}

/** How often somebody goes on with what died, at the end: its own connection may break. */
const mostHeirs = 100;

/** Tortures servers that run already, in a folder of its own there. */
export async function torture(servers: readonly ZooKeeper[], settings: Settings): Promise<TortureReport> {
  const { sessionMs, crews, workers, generationMs } = settings;
  const root = `/${randomBytes(6).toString("hex")}`;
  const dice = new Dice(settings.seed);
  const counts = new Map<string, number>();
  const hosts = servers.map((server) => server.hosts).join(",");
  const storage = storageAt({ hosts, root, sessionMs: 4 * sessionMs });
  await open(storage);
  const program = await buildWorker(join(import.meta.dirname, "worker.ts"));
  const startedAt = Date.now();
  const ways: Way[] = [];
  for (let crew = 0; crew < crews + workers; crew++) ways.push(await Way.to(servers.map(({ port }) => port)));
  const ordersOf = (way: number, life: number): Orders => {
    const name = `${way < workers ? "w" : "c"}${way}.${life}`;
    const place: Place = { hosts: ways[way]?.hosts ?? "", root, sessionMs };
    const seed = settings.seed * 7919 + way * 101 + life * 13;
    const fate = drawFate(new Dice(seed));
    const { lines, folder } = settings;
    return { name, file: join(folder, `${name}.jsonl`), place, seed, lines, startedAt, generationMs, fate };
  };
  const pauseMs = (): number => drawSpellMs(dice, settings);
  const fleet = new Fleet({ size: workers, program, orders: ordersOf, pauseMs });
  const stopped = new AbortController();
  const inside = ways.slice(workers).map((way, index) => {
    const orders = ordersOf(workers + index, 0);
    return { file: orders.file, end: workAsCrew(orders, unheardAt(way, settings, counts), stopped.signal) };
  });
  if (workers > 0) await fleet.begun;
  const field: Field = { servers, ways, fleet, storage, settings, dice, counts };
  await strike(field, Date.now() + settings.durationMs);
  for (const way of ways) way.heal();
  stopped.abort();
  await Promise.all([fleet.end(() => dice.chance(0.4)), ...inside.map(({ end }) => end)]);
  rmSync(program, { force: true });
  const generations = Math.floor((Date.now() - startedAt) / generationMs) + 1;
  await marksLeft(storage, root); // who was killed is dead when its session is over
  for (let round = 0; (await inherit(field)) > 0 && round < mostHeirs;) round++;
  const last = join(settings.folder, "end.jsonl");
  await lookAtAll(storage, generations, last);
  const verdict = await judge(storage, root, [...fleet.files, ...inside.map(({ file }) => file), last]);
  await storage.close();
  await Promise.all(ways.map((way) => way.stop()));
  const { history, bank, faults } = verdict;
  const found = [...history.anomalies, ...bank.anomalies].map(({ kind, explanation }) => `${kind}: ${explanation}`);
  return { settings, verdict, fleet: fleet.counts, faults: counts, anomalies: [...found, ...faults, ...fleet.faults] };
}

async function open(storage: ZKStorage): Promise<void> {
  await runTx(storage, async (tx) => {
    for (const record of await tx.lockGetAll(accounts)) {
      record.v = opening;
      await tx.set(record);
    }
    await tx.commit();
  });
}

/** Now and then the reply to a commit is lost, and mostly the connection comes back in time. */
function unheardAt(way: Way, settings: Settings, counts: Map<string, number>): AroundCommit {
  const dice = new Dice(settings.seed + 1);
  return async (send) => {
    const [unheard, late] = [dice.chance(settings.unheard), dice.chance(0.4)];
    if (!unheard) return send();
    count(counts, "replies of commits lost");
    return way.unheard(send, late ? settings.sessionMs * 1.5 : 0);
  };
}

/** One run, from the database to the verdict. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { recover } from "dynatx";
import { startDynamoDB, startDynamoDBLocal } from "dynatx/testing";
import type { Fault } from "dynatx/testing";
import { Dice } from "../support/dice.js";
import { drawFate, drawPauseMs, strike } from "./blows.js";
import type { Recoveries } from "./blows.js";
import { Fleet } from "./fleet.js";
import { stored } from "./models.js";
import { Network } from "./network.js";
import type { EndpointKind, Settings } from "./settings.js";
import { judge, lookAtAll } from "./verdict.js";
import type { Verdict } from "./verdict.js";
import { buildWorker } from "./worker-program.js";
import { World } from "./world.js";
import type { RegionPlace } from "./world.js";

export interface TortureReport {
  readonly settings: Settings;
  readonly verdict: Verdict;
  readonly fleet: Fleet["counts"];
  readonly faults: Readonly<Record<Fault, number>>;
  readonly requests: number;
  readonly recoveries: Recoveries;
  /** Everything that must not be, with its explanation. */
  readonly anomalies: readonly string[];
}

interface Endpoint {
  readonly endpoint: string;
  stop(): Promise<void>;
}

export function startEndpoint(kind: EndpointKind): Promise<Endpoint> {
  return kind === "local" ? startDynamoDBLocal() : startDynamoDB();
}

const regionNames = ["east", "west"];

/** Tortures an endpoint. `prefix`: put before the names of all tables. */
export async function torture(endpoint: string, settings: Settings, prefix = ""): Promise<TortureReport> {
  const places = regionNames
    .slice(0, settings.regions)
    .map((name): RegionPlace => ({ endpoint, prefix: `${prefix}${name}-` }));
  const world = new World({ places, leaseMs: settings.leaseMs });
  await makeTables(world);
  const dice = new Dice(settings.seed);
  const network = new Network();
  const recoveries: Recoveries = { count: 0, unfinished: [], unexpected: [] };
  const program = await buildWorker();
  const startedAt = Date.now();
  const fleet = await launch(places, settings, network, { dice, startedAt, program });
  const cleaner = new World({ places: await network.ways(places, settings), leaseMs: settings.leaseMs });
  await fleet.begun; // on a busy machine a short run would be over before
  await strike(fleet, cleaner, settings, { dice, until: Date.now() + settings.durationMs, recoveries });
  await fleet.end(() => dice.chance(0.4));
  cleaner.close();
  rmSync(program, { force: true });
  const generations = Math.floor((Date.now() - startedAt) / settings.generationMs) + 1;
  const { counts: faults, requests } = network;
  await network.close();
  await recoverAll(world);
  const lastFile = join(settings.folder, "end.jsonl");
  await lookAtAll(world, generations, lastFile);
  const verdict = await judge(world, [...fleet.files, lastFile]);
  world.close();
  const { history, bank } = verdict;
  const found = [...history.anomalies, ...bank.anomalies].map(({ kind, explanation }) => `${kind}: ${explanation}`);
  const anomalies = [...found, ...verdict.faults, ...fleet.faults, ...recoveries.unexpected];
  return { settings, verdict, fleet: fleet.counts, faults, requests, recoveries, anomalies };
}

async function makeTables(world: World): Promise<void> {
  for (const { connection } of world.regions) {
    for (const model of stored) await connection.ensureTable(model);
    await connection.ensureCoordinator();
  }
  await world.open();
}

async function launch(
  places: readonly RegionPlace[],
  settings: Settings,
  network: Network,
  { dice, startedAt, program }: { readonly dice: Dice; readonly startedAt: number; readonly program: string },
): Promise<Fleet> {
  const ways: RegionPlace[][] = [];
  for (let worker = 0; worker < settings.workers; worker++) ways.push(await network.ways(places, settings));
  const { seed, kind, clients, leaseMs, generationMs, without, folder } = settings;
  return new Fleet({
    size: settings.workers,
    program,
    pauseMs: () => drawPauseMs(dice, leaseMs),
    orders: (worker, life) => {
      const name = `w${worker}.${life}`;
      const own = seed * 7919 + worker * 101 + life * 13;
      const fate = drawFate(new Dice(own));
      const file = join(folder, `${name}.jsonl`);
      // True: there is a way for each worker.
      const places = ways[worker] as RegionPlace[];
      return { name, seed: own, kind, places, leaseMs, clients, startedAt, generationMs, file, without, fate };
    },
  });
}

/** One region is clean after one recovery; with two, each may have held what the other decides about. */
async function recoverAll({ regions }: World): Promise<void> {
  for (let round = 0; round < regions.length; round++)
    for (const { connection } of regions) await recover(connection, { tables: stored, keepCommittedMs: 0 });
}

/** One worker process: `worker ORDERS`, with `Orders` as JSON. It works until it is told to stop, or dies. */
import { setTimeout as delay } from "node:timers/promises";
import { HistoryRecorder, hadNoEffect } from "dynatx/testing";
import type { ProtocolStep } from "../../src/dynamodb/protocol-hooks.js";
import { Dice } from "../support/dice.js";
import { Client } from "./client.js";
import { InsufficientFunds } from "./models.js";
import { draw } from "./operations/draw.js";
import { pausing, stop, working } from "./orders.js";
import type { Orders } from "./orders.js";
import { World } from "./world.js";

// True: it is started with its orders only.
const orders = JSON.parse(process.argv[2] ?? "") as Orders;

/** This share of steps takes its time, so that others come in between: up to a third of a lease. */
const dawdlingShare = 0.25;
const dawdling = new Dice(orders.seed);

let met = 0;
async function step(name: ProtocolStep): Promise<void> {
  const { fate, leaseMs } = orders;
  const [dawdles, fraction] = [dawdling.chance(dawdlingShare), dawdling.below(1000) / 1000];
  if (dawdles) await delay((fraction * leaseMs) / 3);
  if (name !== fate?.step || ++met !== fate.occurrence) return;
  if (fate.end === "kill") process.kill(process.pid, "SIGKILL");
  await new Promise((told) => process.send?.(pausing, told));
  process.kill(process.pid, "SIGSTOP");
}

const world = new World({
  places: orders.places,
  leaseMs: orders.leaseMs,
  hooks: { step, without: new Set(orders.without) },
});
const recorder = new HistoryRecorder({
  file: orders.file,
  failed: (error) => hadNoEffect(error) || error instanceof InsufficientFunds,
});
const stopped = new AbortController();
process.send?.(working);
process.on("message", (message) => {
  if (message === stop) stopped.abort();
});
process.on("disconnect", () => process.exit(1)); // nobody is left to work for

async function work(number: number): Promise<void> {
  const client = new Client({
    name: `${orders.name}.${number}`,
    world,
    kind: orders.kind,
    recorder,
    dice: new Dice(orders.seed * 31 + number),
    generation: () => Math.floor((Date.now() - orders.startedAt) / orders.generationMs),
  });
  while (!stopped.signal.aborted) await draw(client)(client);
}

await Promise.all(Array.from({ length: orders.clients }, (_, number) => work(number)));
recorder.close();
process.removeAllListeners("disconnect");
process.disconnect(); // what is still applied in the background comes to its end

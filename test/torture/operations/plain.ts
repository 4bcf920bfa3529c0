/** Operations at one item, without a transaction. */
import { setTimeout as delay } from "node:timers/promises";
import { sequential } from "dynatx";
import type { Client } from "../client.js";
import type { Log } from "../models.js";
import { Push } from "../models.js";
import { logSlots, see } from "../slot.js";
import type { Slot } from "../slot.js";

function anySlot(client: Client): Slot {
  return client.dice.pick(client.slots);
}

function mortalSlot(client: Client): Slot {
  return client.dice.pick(client.slots.filter(({ kept }) => !kept));
}

export async function glance(client: Client): Promise<void> {
  const slot = anySlot(client);
  await client.record("glance", async (op) => see(op, slot.key, await slot.find()));
}

/** Reads, appends, saves; an absent list is made, if nobody else is first. */
export async function edit(client: Client): Promise<void> {
  const slot = anySlot(client);
  const [value, thoughtMs] = [client.value(), client.thought()];
  await client.record("edit", async (op) => {
    const found = await slot.find();
    see(op, slot.key, found);
    op.append(slot.key, value);
    const item = found ?? slot.make(value);
    await delay(thoughtMs);
    if (found !== undefined) {
      item.values.push(value);
      item.count++;
    }
    await item.save({ raiseOnConflict: true });
  });
}

/** Deletes what was read, or whatever is there by then. */
export async function remove(client: Client): Promise<void> {
  const slot = mortalSlot(client);
  const [minds, thoughtMs] = [client.dice.chance(0.6), client.thought()];
  await client.record("remove", async (op) => {
    const found = await slot.find();
    if (found === undefined || minds) see(op, slot.key, found);
    if (found === undefined) return;
    op.delete(slot.key);
    await delay(thoughtMs);
    await found.delete({ raiseOnConflict: minds });
  });
}

/** Saves a new list over whatever is there. */
export async function overwrite(client: Client): Promise<void> {
  const slot = mortalSlot(client);
  const value = client.value();
  await client.record("overwrite", async (op) => {
    op.delete(slot.key);
    op.append(slot.key, value);
    await slot.make(value).save();
  });
}

/** Appends to what is there without having read it. */
export async function extend(client: Client): Promise<void> {
  const slot = anySlot(client);
  const value = client.value();
  await client.record("extend", async (op) => {
    op.append(slot.key, value);
    await slot.update(value);
  });
}

const mostPushes = 4;

/** Several `sequential()` commits at one item at once, which combine. */
export async function push(client: Client): Promise<void> {
  const slot = client.dice.pick(logSlots(client.world, client.generation));
  const values = Array.from({ length: 1 + client.dice.below(mostPushes) }, () => client.value());
  const pushOne = (value: string): Promise<void> =>
    client.record("push", async (op) => {
      const transaction = new (Push.on(slot.region.connection))({ log: slot.id, value });
      transaction.logs = slot.region.Logs;
      transaction.onTarget = (log: Log) => {
        op.restart(slot.key);
        see(op, slot.key, log);
        op.append(slot.key, value);
      };
      await transaction.commit({ backend: sequential() });
    });
  await Promise.all(values.map(pushOne));
}

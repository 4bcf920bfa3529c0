/** Reads of many items at once outside a transaction: each item is a read of its own. */
import { ge } from "dynatx";
import type { Client } from "../client.js";
import type { Note } from "../models.js";
import { Broken, logKey, logSlots, noteKey, noteSlots, see } from "../slot.js";
import type { ListItem, Slot } from "../slot.js";

type Found = ReadonlyMap<string, ListItem>;

/** `whole`: what was not found was absent. */
async function readAll(
  client: Client,
  kind: string,
  slots: readonly Slot[],
  { whole, read }: { readonly whole: boolean; readonly read: () => Promise<Found> },
): Promise<void> {
  const found = Promise.resolve().then(read); // after each of them has begun
  const one = (slot: Slot): Promise<void> =>
    client.record(kind, async (op) => {
      const item = (await found).get(slot.key);
      if (whole || item !== undefined) see(op, slot.key, item);
    });
  await Promise.all(slots.map(one));
}

export async function batch(client: Client): Promise<void> {
  const region = client.dice.pick(client.world.regions);
  const slots = logSlots(client.world, client.generation).filter((slot) => slot.region === region);
  await readAll(client, "batch", slots, {
    whole: true,
    read: async () => {
      const items = await region.Logs.getBatch(slots.map(({ id }) => id));
      return new Map(items.flatMap((item) => (item === undefined ? [] : [[logKey(region, item.id), item]])));
    },
  });
}

/** All notes of a shelf, or those of some length, which the item under an intent may not have. */
export async function query(client: Client): Promise<void> {
  const region = client.dice.pick(client.world.regions);
  const { generation } = client;
  const atLeast = client.dice.chance(0.5) ? 1 + client.dice.below(12) : 0;
  await readAll(client, "query", noteSlots(region, generation), {
    whole: atLeast === 0,
    read: async () => {
      const filter = atLeast === 0 ? undefined : { count: ge(atLeast) };
      const notes = await region.Notes.query(String(generation), { filter, consistent: true }).toArray();
      for (const { count } of notes) if (count < atLeast) throw new Broken(`a filter brought ${count} < ${atLeast}`);
      return new Map(notes.map((note: Note) => [noteKey(region, note.shelf, note.place), note]));
    },
  });
}

/** All logs there ever were; those of this generation are looked at. */
export async function scan(client: Client): Promise<void> {
  const region = client.dice.pick(client.world.regions);
  const slots = logSlots(client.world, client.generation).filter((slot) => slot.region === region);
  await readAll(client, "scan", slots, {
    whole: true,
    read: async () => {
      const logs = await region.Logs.scan({ consistent: true }).toArray();
      return new Map(logs.map((log) => [logKey(region, log.id), log]));
    },
  });
}

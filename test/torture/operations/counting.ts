import { sequential } from "dynatx";
import type { Backend } from "dynatx";
import type { Client } from "../client.js";
import { Count } from "../models.js";
import type { Placed } from "../world.js";

const mostAtOnce = 5;
const mostTallies = 3;

interface Counting {
  readonly path: string;
  readonly backend: Backend;
}

export const tallyKey = (id: string): string => `tally/${id}`;

/** Several increments at once: of one tally by `sequential()`, which combines them, or of some by `atomic()`. */
export async function count(client: Client): Promise<void> {
  const combined = client.dice.chance(0.6);
  const tallies = client.distinct(client.world.tallies, combined ? 1 : mostTallies);
  const way: Counting = combined
    ? { path: "sequential", backend: sequential() }
    : client.way(tallies.map(({ region }) => region));
  const names = Array.from({ length: 1 + client.dice.below(combined ? mostAtOnce : 1) }, () => client.value());
  await Promise.all(names.map((name) => increment(client, name, tallies, way)));
}

function increment(
  client: Client,
  name: string,
  tallies: readonly Placed[],
  { path, backend }: Counting,
): Promise<void> {
  return client.record(`count:${path}`, async (op) => {
    const Counts = Count.on(client.world.home.connection);
    const transaction = new Counts({ id: name, tallies: tallies.map(({ id }) => id) });
    transaction.models = tallies.map(({ region }) => region.Tallies);
    for (const { id } of tallies) op.append(tallyKey(id), name);
    await transaction.commit({ backend });
  });
}

import { transact } from "dynatx";
import type { Client } from "../client.js";
import type { Move } from "../models.js";
import type { Placed } from "../world.js";

/** Under this name the history has every transfer that was begun, as an append. */
export const transfersKey = "transfers";

const mostMoved = 30;

/** Moves money between two accounts: two sub-transactions and three rows. */
export async function transfer(client: Client): Promise<void> {
  const { dice, world } = client;
  const [from, to] = client.distinct(world.accounts, 2, 2);
  if (from === undefined || to === undefined) return;
  const amount = 1 + dice.below(mostMoved);
  const id = client.value();
  const { path, backend } = client.way([world.home, from.region, to.region]);
  await client.record(`transfer:${path}`, async (op) => {
    const whole = new world.home.Transfers({ id, from: from.id, to: to.id, amount });
    whole.subtransactions.push(moveOf(id, from, -amount), moveOf(id, to, amount));
    op.append(transfersKey, id);
    await whole.commit({ backend });
  });
}

function moveOf(transfer: string, { id, region }: Placed, amount: number): Move {
  const move = new region.Moves({ transfer, account: id, amount });
  move.accounts = region.Accounts;
  return move;
}

/** Sees all balances at one moment. */
export async function audit(client: Client): Promise<void> {
  const { accounts } = client.world;
  const { path, backend } = client.way(accounts.map(({ region }) => region));
  await client.record(`audit:${path}`, async (op) => {
    const seen = await transact(
      async () =>
        Promise.all(accounts.map(async ({ id, region }) => [id, (await region.Accounts.get(id)).balance] as const)),
      { backend },
    );
    op.snapshot(Object.fromEntries(seen));
  });
}

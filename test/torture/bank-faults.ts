import type { History, Operation } from "dynatx/testing";
import type { Move, Transfer } from "./models.js";
import { transfersKey } from "./operations/bank.js";
import { totalOfAccounts } from "./world.js";
import type { World } from "./world.js";

/** Rows and balances tell the same story, and it is that of the history. */
export async function bankFaults(world: World, history: History): Promise<string[]> {
  const transfers = await world.home.Transfers.scan({ consistent: true }).toArray();
  const moves: Move[] = [];
  for (const { Moves } of world.regions) moves.push(...(await Moves.scan({ consistent: true }).toArray()));
  return [...rowFaults(transfers, moves), ...outcomeFaults(transfers, history), ...(await balanceFaults(world, moves))];
}

/** A transfer has one row, done, and two moves that say the same. */
function rowFaults(transfers: readonly Transfer[], moves: readonly Move[]): string[] {
  const text = ({ account, amount, status }: Move): string => `${account} ${amount} ${status}`;
  const told = new Map<string, string[]>();
  for (const move of moves) told.set(move.transfer, [...(told.get(move.transfer) ?? []), text(move)]);
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const { id, from, to, amount, status } of transfers) {
    if (seen.has(id)) faults.push(`transfer ${id} has two rows`);
    seen.add(id);
    if (status !== "done") faults.push(`transfer ${id} is ${status}`);
    const wanted = [`${from} ${-amount} done`, `${to} ${amount} done`];
    const found = told.get(id) ?? [];
    if (found.toSorted().join() !== wanted.toSorted().join())
      faults.push(`transfer ${id} is ${wanted.join(", ")}, but its moves are ${found.join(", ") || "missing"}`);
  }
  for (const id of told.keys()) if (!seen.has(id)) faults.push(`moves of transfer ${id}, which has no row`);
  return faults;
}

function outcomeFaults(transfers: readonly Transfer[], history: History): string[] {
  const rows = new Set(transfers.map(({ id }) => id));
  const outcomes = new Map<string, Operation["outcome"]>();
  for (const { steps, outcome } of history)
    for (const step of steps)
      if (step.type === "append" && step.key === transfersKey) outcomes.set(String(step.value), outcome);
  const faults: string[] = [];
  for (const [id, outcome] of outcomes) {
    if (outcome === "ok" && !rows.has(id)) faults.push(`transfer ${id} was acknowledged, and has no row`);
    if (outcome === "failed" && rows.has(id)) faults.push(`transfer ${id} has failed, and has a row`);
  }
  for (const id of rows) if (!outcomes.has(id)) faults.push(`transfer ${id} has a row, and nobody began it`);
  return faults;
}

async function balanceFaults(world: World, moves: readonly Move[]): Promise<string[]> {
  const faults: string[] = [];
  const { accounts } = world;
  for (const { id, region } of accounts) {
    const own = moves.filter(({ account }) => account === id);
    const balance = own.reduce((sum, { amount }) => sum + amount, totalOfAccounts / accounts.length);
    const account = await region.Accounts.get(id);
    if (account.balance !== balance || account.moves !== own.length)
      faults.push(
        `account ${id} has ${account.balance} after ${account.moves} moves; by its ${own.length} rows it should have ${balance}`,
      );
  }
  return faults;
}

import { setTimeout as delay } from "node:timers/promises";
import { transact } from "dynatx";
import type { TransactionContext } from "dynatx";
import type { OperationRecorder } from "dynatx/testing";
import type { Client } from "../client.js";
import { see } from "../slot.js";
import type { ListItem, Slot } from "../slot.js";

type Role =
  /** Looks, and changes nothing. */
  | "read"
  /** Looks, and appends; an absent list is made. */
  | "append"
  | "delete"
  /** Deletes, and makes a new list in the same transaction. */
  | "renew"
  /** Puts a new list over whatever is there, without looking. */
  | "overwrite";

interface Part {
  readonly slot: Slot;
  readonly role: Role;
  readonly value: string;
}

const mostItems = 5;
const maxRetries = 40;

function roleFor(client: Client, { kept }: Slot): Role {
  const { dice } = client;
  if (dice.chance(0.35)) return "read";
  if (kept) return "append";
  return dice.pick(["append", "append", "append", "delete", "renew", "overwrite"] as const);
}

/** Reads up to five lists and changes some of them. */
export async function rewrite(client: Client): Promise<void> {
  const parts = client
    .distinct(client.slots, mostItems)
    .map((slot): Part => ({ slot, role: roleFor(client, slot), value: client.value() }));
  await run(client, "rewrite", parts);
}

/** Reads some lists at one moment. */
export async function look(client: Client): Promise<void> {
  const parts = client.distinct(client.slots, mostItems).map((slot): Part => ({ slot, role: "read", value: "" }));
  await run(client, "look", parts);
}

async function run(client: Client, kind: string, parts: readonly Part[]): Promise<void> {
  const regions = parts.map(({ slot }) => slot.region);
  const { path, backend } = client.way(regions);
  const [atOnce, thoughtMs] = [client.dice.chance(0.5), client.thought()];
  await client.record(`${kind}:${path}`, (op) =>
    transact(
      async (tx) => {
        op.restart();
        if (atOnce) await Promise.all(parts.map((part) => play(tx, op, part)));
        else for (const part of parts) await play(tx, op, part);
        await delay(thoughtMs);
      },
      { backend, maxRetries },
    ),
  );
}

async function play(tx: TransactionContext, op: OperationRecorder, { slot, role, value }: Part): Promise<void> {
  let item: ListItem | undefined;
  if (role !== "overwrite") {
    item = await slot.find();
    see(op, slot.key, item);
  }
  if (role === "read" || (role === "delete" && item === undefined)) return;
  if (role === "append" && item !== undefined) {
    op.append(slot.key, value);
    item.values.push(value);
    item.count++;
    return;
  }
  if (item !== undefined || role === "overwrite") op.delete(slot.key);
  if (item !== undefined) tx.delete(item);
  if (role === "delete") return;
  op.append(slot.key, value);
  tx.put(slot.make(value));
}

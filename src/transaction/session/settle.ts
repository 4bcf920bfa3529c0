/** From what a transaction has touched to what is committed. */
import type { Footprint, ReadItem } from "../../model/footprint.js";
import { newState } from "../../model/item.js";
import { internalsOf, saveableOf } from "../../model/model-core.js";
import { hasHook } from "../../model/model-statics.js";
import { saved, snapshot } from "../../model/save.js";
import type { Write } from "../../model/write.js";
import type { HeldItem } from "./held-item.js";
import type { ItemSession } from "./item-session.js";

/** What is to be committed, and whom to tell when it was. */
export interface Held {
  readonly footprint: Footprint;
  /** Tells the instances that were stored what is stored now. */
  committed(): void;
}

/**
 * Runs `beforeSave` once on each instance that is to be stored, and makes the footprint of what they hold then. Throws
 * `ValidationError`, and what the hooks throw.
 */
export async function settle(session: ItemSession): Promise<Held> {
  await session.complete();
  if (await runHooks(session)) await session.complete();
  const writes: Write[] = [];
  const reads: ReadItem[] = [];
  const tellers: (() => void)[] = [];
  for (const item of session.items) {
    const { writer } = item;
    const given = writer && snapshot(saveableOf(writer.instance));
    const write = item.write(writer);
    const read = write === undefined ? item.read() : undefined;
    if (read !== undefined) reads.push(read);
    if (write === undefined) continue;
    writes.push(write);
    if (writer !== undefined && given !== undefined)
      tellers.push(() => saved(saveableOf(writer.instance), write, given));
  }
  for (const instance of session.deleted) tellers.push(() => Object.assign(internalsOf(instance).state, newState()));
  const committed = (): void => tellers.forEach((tell) => tell());
  return { footprint: { writes, reads }, committed };
}

/**
 * A hook may read, change and save what has not been looked at yet, or has been: as long as any runs, all are looked at
 * again. Resolves with whether any has run.
 */
async function runHooks(session: ItemSession): Promise<boolean> {
  const hooked = new Set<HeldItem>();
  for (let again = true; again;) {
    again = false;
    for (const item of session.items) {
      if (hooked.has(item) || !item.instances.some((instance) => hasHook(internalsOf(instance).model, "beforeSave")))
        continue;
      const { writer } = item;
      if (writer === undefined) continue;
      hooked.add(item);
      again = true;
      const { instance } = writer;
      const hook = internalsOf(instance).model.beforeSave(instance);
      if (hook !== undefined) await hook;
    }
  }
  return hooked.size > 0;
}

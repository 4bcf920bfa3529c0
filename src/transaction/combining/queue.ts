import { setImmediate as turn } from "node:timers/promises";
import { copyOfError } from "../../base/error-copy.js";
import { ConflictError, describeItem } from "../../base/errors.js";
import type { AttributeMap } from "../../dynamodb/attribute.js";
import { notFound, readImage } from "../../model/image.js";
import { targetNotFound } from "../target.js";
import { Batch } from "./batch.js";
import type { KnownImage } from "./batch.js";
import type { CombinedItem } from "./item.js";
import type { Outcome, Participant } from "./participant.js";

/** One write carries the changes of this many commits at the most. */
const maxBatch = 100;
/** This many commits wait for one item at the most; for the others that is a conflict, so they back off. */
const maxWaiting = 10_000;

/**
 * The commits of this process that wait for one item, and the one leader that serves them, batch by batch, as long as
 * there are any. The leader belongs to none of them: whoever leaves, the others are served.
 */
export class Queue {
  readonly #item: CombinedItem;
  readonly #onIdle: () => void;
  #waiting: Participant[] = [];
  #arrived = 0;
  #led = false;

  /** `onIdle` is called when nobody waits any more, before anybody can come. */
  constructor(item: CombinedItem, onIdle: () => void) {
    this.#item = item;
    this.#onIdle = onIdle;
  }

  join(participant: Participant): void {
    if (this.#waiting.length >= maxWaiting) {
      const item = { table: this.#item.binding.table, key: this.#item.key.values };
      const message = `${describeItem(item.table, item.key)}: ${maxWaiting} commits wait for it already`;
      participant.settle({ kind: "failed", error: new ConflictError(message, item) });
      return;
    }
    participant.arrival = ++this.#arrived;
    this.#waiting.push(participant);
    if (!this.#led) void this.#lead();
  }

  /** Ends: each round settles somebody, or sends somebody round again, which is counted. */
  async #lead(): Promise<void> {
    this.#led = true;
    let known: KnownImage | undefined;
    while (this.#waiting.length > 0) {
      const image = await this.#round(known);
      known = image && { image, covers: 0 };
      await turn(); // those just served may come again at once, and find the item still known
    }
    this.#led = false;
    this.#onIdle();
  }

  /** Serves one batch. Resolves with the image as it was written, else `undefined`. */
  async #round(cached: KnownImage | undefined): Promise<AttributeMap | undefined> {
    this.#waiting = this.#waiting.filter(({ settled }) => !settled);
    if (this.#waiting.length === 0) return undefined;
    const known = cached ?? (await this.#read());
    if (known === undefined) return undefined;
    const batch = this.#waiting.splice(0, maxBatch);
    try {
      const { image, again } = await new Batch(this.#item, known).run(batch);
      this.#waiting.unshift(...again);
      return image;
    } catch (error) {
      // A mistake of the library's own must not leave anybody waiting.
      for (const each of batch) if (!each.settled) each.settle({ kind: "failed", error: copyOfError(error) });
      return undefined;
    }
  }

  /** Reads the item. Where that fails or finds nothing, those that had come before the read are told. */
  async #read(): Promise<KnownImage | undefined> {
    const { binding, key } = this.#item;
    const covers = this.#arrived;
    try {
      const image = await readImage(binding, key, {});
      if (image !== undefined) return { image, covers };
      this.#tell(covers, () => ({ kind: "failed", error: targetNotFound(notFound(binding, key)) }));
    } catch (error) {
      this.#tell(covers, () => ({ kind: "failed", error: copyOfError(error) }));
    }
    return undefined;
  }

  #tell(covers: number, outcome: () => Outcome): void {
    for (const each of this.#waiting) if (each.arrival <= covers && !each.settled) each.settle(outcome());
  }
}

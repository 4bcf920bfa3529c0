import { copyOfError } from "../../base/error-copy.js";
import { AmbiguousWriteError, ConflictError, RequestError, ValidationError, describeItem } from "../../base/errors.js";
import type { AttributeMap } from "../../dynamodb/attribute.js";
import { writeTrials } from "../../model/trial.js";
import type { Trial } from "../../model/trial.js";
import type { CombinedItem } from "./item.js";
import type { Participant } from "./participant.js";

/** The item as the queue knows it. */
export interface KnownImage {
  readonly image: AttributeMap;
  /** It was read after this many had arrived: they may be refused because of what it shows. 0: it was not read. */
  readonly covers: number;
}

export interface BatchResult {
  /** What the answered write has left; `undefined`: the item must be read. */
  readonly image: AttributeMap | undefined;
  /** Those that must go first in the next batch, in order. */
  readonly again: readonly Participant[];
}

/** A batch that has taken this long runs no more setters, but writes what it has. */
const maxBatchMs = 500;
/** How often a setter may run upon what was never written before that counts as a conflict. */
const maxReruns = 10;

interface Accepted {
  readonly participant: Participant;
  readonly trial: Trial;
}
interface Refused {
  readonly participant: Participant;
  readonly error: unknown;
}

/** Tries the changes of some commits, one upon the other, and writes them as one. */
export class Batch {
  readonly #item: CombinedItem;
  readonly #known: KnownImage;
  readonly #accepted: Accepted[] = [];
  readonly #refused: Refused[] = [];
  /** Those that the time did not suffice for, and those that must see the item as it is. */
  readonly #again: Participant[] = [];

  constructor(item: CombinedItem, known: KnownImage) {
    this.#item = item;
    this.#known = known;
  }

  async run(participants: readonly Participant[]): Promise<BatchResult> {
    const { connection, table } = this.#item.binding;
    const { clock } = connection;
    const started = clock.now();
    await this.#try(participants, started + maxBatchMs);
    const [first, ...rest] = this.#accepted.map(({ trial }) => trial);
    if (first === undefined) return this.#nothingToWrite();
    let image: AttributeMap;
    try {
      image = await writeTrials(this.#known.image, [first, ...rest]);
    } catch (error) {
      return this.#notWritten(error);
    }
    // What the refused ones saw has come true.
    for (const { participant } of this.#accepted) participant.settle({ kind: "applied" });
    for (const { participant, error } of this.#refused) participant.settle({ kind: "failed", error });
    connection.emit("combined", () => ({
      table,
      key: this.#item.key.values,
      size: this.#accepted.length,
      durationMs: clock.now() - started,
    }));
    return { image, again: this.#again };
  }

  async #try(participants: readonly Participant[], until: number): Promise<void> {
    const { clock } = this.#item.binding.connection;
    let { image } = this.#known;
    for (const participant of participants) {
      if (participant.settled) continue; // aborted meanwhile
      if (this.#accepted.length + this.#refused.length > 0 && clock.now() > until) {
        this.#again.push(participant);
        continue;
      }
      const attempt = await participant.attempt(this.#item, image);
      if (attempt.kind === "failed") this.#refused.push({ participant, error: attempt.error });
      if (attempt.kind !== "accepted") continue;
      this.#accepted.push({ participant, trial: attempt.trial });
      image = attempt.trial.image;
    }
  }

  /** An image that was not read, or was read before somebody came, does not decide about them. */
  #nothingToWrite(): BatchResult {
    const again: Participant[] = [];
    for (const { participant, error } of this.#refused) {
      if (participant.arrival <= this.#known.covers) participant.settle({ kind: "failed", error });
      else if (this.#mayRerun(participant)) again.push(participant);
    }
    return { image: undefined, again: [...again, ...this.#again] };
  }

  #notWritten(error: unknown): BatchResult {
    if (error instanceof ConflictError) {
      // One attempt of each, the refused ones too: what they saw did not come true.
      for (const { participant } of [...this.#accepted, ...this.#refused])
        participant.settle({ kind: "failed", error: copyOfError(error) });
      return { image: undefined, again: this.#again };
    }
    const together = this.#accepted.length > 1;
    for (const { participant } of this.#accepted) {
      if (error instanceof AmbiguousWriteError) participant.settle({ kind: "doubt", error: copyOfError(error) });
      else if (together && mayConcernOne(error)) participant.settle({ kind: "alone" });
      else participant.settle({ kind: "failed", error: copyOfError(error) });
    }
    const again = this.#refused.map(({ participant }) => participant).filter((each) => this.#mayRerun(each));
    return { image: undefined, again: [...again, ...this.#again] };
  }

  #mayRerun(participant: Participant): boolean {
    if (++participant.reruns <= maxReruns) return true;
    const item = { table: this.#item.binding.table, key: this.#item.key.values };
    const message = `${describeItem(item.table, item.key)}: what a setter saw was not written, ${maxReruns} times in a row`;
    participant.settle({ kind: "failed", error: new ConflictError(message, item) });
    return false;
  }
}

/** Whether DynamoDB may have refused the write for what one of its changes holds (an empty key of an index, say). */
function mayConcernOne(error: unknown): boolean {
  return error instanceof ValidationError || (error instanceof RequestError && !error.retryable);
}

import { AmbiguousWriteError, ConflictError } from "../../../base/errors.js";
import { allParallel, forEachParallel } from "../../../base/parallel.js";
import type { Coordinator } from "../../../dynamodb/coordinator.js";
import { failed } from "../../../dynamodb/requests.js";
import { pause } from "../../../dynamodb/pause.js";
import type { ProtocolRule, ProtocolStep } from "../../../dynamodb/protocol-hooks.js";
import { flightsOf } from "../../../intents/flights.js";
import type { Flight } from "../../../intents/flights.js";
import { intentOf } from "../../../intents/intent.js";
import { applyRequest, land, rollbackRequest } from "../../../intents/landing.js";
import { readPlace } from "../../../intents/place.js";
import type { ReadItem } from "../../../model/footprint.js";
import { judge, writeIds } from "../../../model/verdict.js";
import type { CommitTerms } from "./terms.js";
import { Heartbeat } from "./heartbeat.js";
import { checking, intentAt } from "./participant.js";
import type { Participant } from "./participant.js";
import { placeIntent } from "./place-intent.js";
import type { Author, Placing } from "./place-intent.js";
import { TransactionParts } from "./transaction-parts.js";
import { validate } from "./validate.js";

const parallelItems = 100;
const maxCommitSends = 20;
/** After so many pushes every item that was only read gets an intent, so that readers cannot push for ever. */
const maxPushes = 3;

/** What was found out about a commit whose record is not there any more. */
type Traced = "committed" | "aborted" | "unknown";

/** One run of the intent protocol: from the record of the transaction to the last of its items. */
export class IntentCommit {
  readonly #terms: CommitTerms;
  readonly #coordinator: Coordinator;
  readonly #participants: Participant[];
  #checked: readonly ReadItem[];
  readonly #parts: TransactionParts;
  #identity = "";
  #id = "";
  /** Whether an answer to a commit was lost. */
  #inDoubt: unknown;
  /** Why no further intent is to be placed. */
  #broken: { readonly error: unknown } | undefined;

  constructor(participants: readonly Participant[], checked: readonly ReadItem[], terms: CommitTerms) {
    this.#terms = terms;
    this.#coordinator = terms.connection.coordinator;
    this.#participants = [...participants];
    this.#checked = checked;
    this.#parts = new TransactionParts(this.#participants, terms.connection);
  }

  async run(): Promise<void> {
    const { connection, priority, awaitApply } = this.#terms;
    this.#identity = await this.#coordinator.identity(); // asked for once by each process
    this.#id = await this.#coordinator.begin(priority);
    await this.#step("begun");
    const heartbeat = new Heartbeat(connection, this.#id);
    try {
      await this.#prepare();
      await this.#decide();
    } catch (error) {
      if (!(await this.#endWithout(error))) throw error;
    } finally {
      heartbeat.stop();
    }
    await this.#step("committed");
    if (awaitApply) await this.#land();
    else await flightsOf(this.#coordinator).add(this.#id, (flight) => this.#land(flight));
  }

  async #step(step: ProtocolStep): Promise<void> {
    const { hooks } = this.#terms.connection;
    if (hooks.step !== undefined) await hooks.step(step, this.#id);
  }

  #without(rule: ProtocolRule): boolean {
    return this.#terms.connection.hooks.without?.has(rule) === true;
  }

  async #prepare(): Promise<void> {
    this.#terms.signal?.throwIfAborted();
    // Both come to their end before anything is undone: what is begun after that would be left over.
    const keeping = this.#parts.keep(this.#id).catch((error: unknown) => {
      this.#broken = { error };
      throw error;
    });
    const [kept, placed] = await Promise.allSettled([keeping, this.#placeAll(this.#participants)]);
    if (kept.status === "rejected") throw kept.reason;
    if (placed.status === "rejected") throw placed.reason;
    await this.#step("intended");
  }

  async #placeAll(participants: readonly Participant[]): Promise<void> {
    await allParallel(participants, parallelItems, async (participant) => {
      await this.#parts.keepPieces(this.#id, participant);
      await placeIntent(participant, this.#placing);
      await this.#step("intent");
    });
  }

  get #placing(): Placing {
    return { terms: this.#terms, self: this.#self, broken: () => this.#broken };
  }

  get #self(): Author {
    return { id: this.#id, coordinator: this.#identity, checks: this.#checked.length > 0 };
  }

  /** Brings the transaction to its commit point. Throws `ConflictError` when it cannot get there. */
  async #decide(): Promise<void> {
    let pushes = 0;
    for (let round = 1; ; round++) {
      if (this.#checked.length > 0) {
        if (!this.#without("validate")) await validate(this.#checked, this.#terms, this.#id);
        await this.#step("validated");
      }
      this.#terms.signal?.throwIfAborted();
      const pushed = await this.#commit(pushes);
      if (pushed === undefined) return;
      pushes = pushed;
      if (round >= maxPushes) await this.#holdReads();
    }
  }

  /** Everything that was only read gets an intent: afterwards no reader can make the transaction start over. */
  async #holdReads(): Promise<void> {
    const held = this.#checked.map((read, at) => checking(read, this.#participants.length + at));
    this.#checked = [];
    this.#participants.push(...held);
    await this.#parts.keep(this.#id);
    await this.#placeAll(held);
  }

  /** `undefined`: committed. A number: readers have pushed it so often, so it must validate again. */
  async #commit(pushes: number): Promise<number | undefined> {
    const { connection } = this.#terms;
    const entry = {
      attempts: this.#participants.map(({ attempt }) => attempt),
      manifest: this.#parts.manifest,
      pushes: this.#checked.length > 0 ? pushes : undefined,
    };
    for (let sends = 1; ; sends++) {
      const result = await this.#coordinator.commit(this.#id, entry);
      if (result.outcome === "applied") return undefined;
      if (result.outcome === "doubt") {
        this.#inDoubt = result.cause;
        const { table } = this.#coordinator;
        if (sends >= maxCommitSends) throw failed("UpdateItem", table, result.cause, true);
        await pause(connection, { reason: "doubt", table, backoff: connection.sendBackoff, attempt: sends });
        continue;
      }
      const record = await this.#coordinator.record(this.#id);
      if (record?.state === "committed") return undefined;
      if (record?.state === "pending" && sends < maxCommitSends) return record.pushes;
      throw new ConflictError(
        "the transaction was aborted by another one that came before it, or showed no sign of life for too long: nothing was written",
      );
    }
  }

  /** After a failure: whether the transaction is committed all the same. Else nothing of it remains. */
  async #endWithout(error: unknown): Promise<boolean> {
    try {
      const ending = await this.#coordinator.withdraw(this.#id);
      if (ending === "committed") return true;
      if (ending === "gone" && this.#inDoubt !== undefined && !this.#without("a doubtful commit is traced")) {
        const traced = await this.#trace();
        if (traced === "committed") return true;
        if (traced === "unknown") throw this.#ambiguous(this.#inDoubt);
      }
    } catch (failure) {
      // No commit is under way, so what nobody could abort is aborted when its lease is over.
      if (this.#inDoubt === undefined) throw error;
      throw failure instanceof AmbiguousWriteError ? failure : this.#ambiguous(failure);
    }
    await this.#step("aborted");
    await forEachParallel(this.#participants, parallelItems, (each) => this.#rollBack(each));
    await this.#parts.drop(this.#id);
    return false;
  }

  #ambiguous(cause: unknown): AmbiguousWriteError {
    const [first] = this.#participants;
    return new AmbiguousWriteError(
      "the commit of the transaction was sent and no answer proves whether it came about; read its items before you decide",
      { table: first?.place.table, key: first?.place.keyValues, cause },
    );
  }

  /** A late attempt may still land: whoever meets it finds no record, and undoes it. */
  async #rollBack(participant: Participant): Promise<void> {
    if (participant.attempt === 0) return;
    const intent = intentAt(participant, participant.attempt, this.#self);
    await land(participant.place, rollbackRequest(participant.place, intent)).catch(() => false);
  }

  /** The record is gone, and a commit may have come before: the items tell. One that shows its write outweighs the others. */
  async #trace(): Promise<Traced> {
    const writes = this.#participants.filter(({ operation }) => operation !== "chk");
    let traced: Traced = writes.length === 0 ? "aborted" : "unknown";
    for (const { place, write } of writes) {
      const { binding } = write;
      const stored = await readPlace(place);
      if (writeIds(binding, stored).includes(write.writeId)) return "committed";
      // It is forgotten only when nothing of it is in flight any more, so it was aborted.
      if (intentOf(place.connection.reserved, stored)?.transaction === this.#id) traced = "aborted";
      const verdict = judge(write, binding.spec.concurrency, stored);
      const unmoved = verdict === "pending" || verdict === "passed" || verdict === "stale";
      if (unmoved && write.before !== undefined) traced = "aborted";
    }
    return traced;
  }

  /** Gives every item its new state, then forgets the transaction. Never rejects: what is left over, others settle. */
  async #land(flight?: Flight): Promise<void> {
    let all = true;
    if (this.#without("forgotten last")) await this.#coordinator.forget(this.#id);
    await forEachParallel(this.#participants, parallelItems, async (participant) => {
      const { place, operation, changes, attempt } = participant;
      const intent = intentAt(participant, attempt, this.#self);
      const request = operation === "chk" ? rollbackRequest(place, intent) : applyRequest(place, intent, changes);
      all = (await land(place, request).catch(() => false)) && all;
      flight?.landed(participant.index);
      await this.#step("applied");
    });
    if (!all) return;
    await this.#step("applied all");
    await this.#parts.drop(this.#id);
    try {
      await this.#coordinator.forget(this.#id);
    } catch {
      return; // a record without items in flight harms nobody; `recover` removes it
    }
    await this.#step("forgotten");
  }
}

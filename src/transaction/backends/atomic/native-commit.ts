import { ConflictError, RequestError } from "../../../base/errors.js";
import type { DynatxError } from "../../../base/errors.js";
import { attributeOf } from "../../../dynamodb/attribute.js";
import type { AttributeMap } from "../../../dynamodb/attribute.js";
import type { Connection } from "../../../dynamodb/connection.js";
import type { ProtocolRule } from "../../../dynamodb/protocol-hooks.js";
import { pause } from "../../../dynamodb/pause.js";
import { failed } from "../../../dynamodb/requests.js";
import { transactWrite } from "../../../dynamodb/transact-write.js";
import type { CancellationReason, TransactResult } from "../../../dynamodb/transact-write.js";
import { clear } from "../../../intents/resolve.js";
import { batchGetStored, keyText } from "../../../model/batch-get.js";
import type { Binding } from "../../../model/binding.js";
import { placeOf } from "../../../model/binding.js";
import { writeIds } from "../../../model/verdict.js";
import { ambiguous, inquiry } from "../../../model/sending.js";
import type { Settled } from "../../../model/sending.js";
import { fenceRequest, guardHolds } from "../../../model/write.js";
import type { Action } from "./action.js";
import { classifyCancellation, refusalOf, refusedBy } from "./cancellation.js";
import type { Refused } from "./cancellation.js";
import { judgeTransaction } from "./look-up.js";
import type { CommitTerms } from "./terms.js";

const operation = "TransactWriteItems";
/** How often a transaction in doubt is sent again, or looked for, before it is given up as ambiguous. */
const maxLooks = 20;
/** A token has 36 characters at the most. */
const tokenIds = 3;

/** An item as it stands, beside what the transaction wants of it. */
interface Seen {
  readonly action: Action;
  readonly stored: AttributeMap | undefined;
}

/** One TransactWriteItems, from the first send to the knowledge of what became of it. */
export class NativeCommit {
  readonly #actions: readonly Action[];
  readonly #terms: CommitTerms;
  readonly #connection: Connection;
  readonly #input: Parameters<typeof transactWrite>[1];

  constructor(actions: readonly Action[], terms: CommitTerms) {
    this.#actions = actions;
    this.#terms = terms;
    this.#connection = actions[0]?.write.binding.connection ?? terms.connection;
    this.#input = { ClientRequestToken: this.#token(), TransactItems: actions.map(({ item }) => item) };
  }

  /** Resolves when all of it is written; with `lacking` when the endpoint has no such call. Throws why it was not. */
  async run(): Promise<"committed" | "lacking"> {
    const { maxSends, sendBackoff: backoff } = this.#connection;
    for (let sends = 1; ; sends++) {
      this.#terms.signal?.throwIfAborted();
      const { hooks } = this.#connection;
      if (hooks.step !== undefined) await hooks.step("native sent", this.#input.ClientRequestToken ?? "");
      const result = await this.#send();
      if (result.outcome === "applied") return "committed";
      if (result.outcome === "lacking") return "lacking";
      if (result.outcome === "doubt") return this.#inquire(result.cause);
      if (result.outcome === "cancelled") {
        if (this.#isApplied(result.reasons)) return "committed";
        await this.#cancelled(result.reasons, result.cause, sends);
      }
      // Not executed: throttled, not connected, or in another one's way.
      const { cause } = result;
      if (sends >= maxSends) throw failed(operation, this.#table, cause, true);
      this.#connection.emit("resend", () => ({ operation, table: this.#table, sends, error: cause }));
      const { signal } = this.#terms;
      await pause(this.#connection, { reason: "resend", table: this.#table, backoff, attempt: sends, signal });
    }
  }

  get #table(): string {
    return this.#actions[0]?.write.binding.table ?? "";
  }

  #token(): string {
    let token = "";
    for (let id = 0; id < tokenIds; id++) token += this.#connection.random.writeId();
    return token;
  }

  #without(rule: ProtocolRule): boolean {
    return this.#connection.hooks.without?.has(rule) === true;
  }

  #send(): Promise<TransactResult> {
    const { TransactItems, ClientRequestToken } = this.#input;
    const token = this.#without("native keeps its token") ? this.#token() : ClientRequestToken;
    return transactWrite(this.#connection.requests, { TransactItems, ClientRequestToken: token });
  }

  /** Sent once, but whatever lies between may have repeated it: then it was refused because it had been applied. */
  #isApplied(reasons: readonly CancellationReason[]): boolean {
    return this.#actions.some(
      ({ write, writes }, index) => writes && writeIds(write.binding, reasons[index]?.Item).includes(write.writeId),
    );
  }

  /**
   * Each send was answered, so nothing was applied. Resolves when it may be sent again as it is: as long as nothing shows
   * that what it asks for has gone, another attempt with ids of its own could pass beside a late one of this.
   */
  async #cancelled(reasons: readonly CancellationReason[], cause: unknown, sends: number): Promise<void> {
    const cancelled = classifyCancellation(this.#actions, reasons, cause);
    if (cancelled.kind === "throttled") return;
    if (cancelled.kind === "held") await this.#resolveHeld(cancelled.held);
    if (cancelled.kind === "failed" || sends >= this.#connection.maxSends) throw cancelled.error;
  }

  /** What holds an item is settled, waited for or aborted, so that the next attempt finds it free. */
  async #resolveHeld(held: readonly Refused[]): Promise<void> {
    const { priority, signal } = this.#terms;
    for (const { action, stored } of held) {
      await clear(placeOf(action.write.binding, action.write), stored, { priority, signal });
    }
  }

  /** An answer was lost: the same token and the same ids, until an answer or the items tell. */
  async #inquire(cause: unknown): Promise<"committed"> {
    const [first] = this.#actions;
    if (first === undefined) return "committed"; // nothing was sent that could be in doubt
    let refusal: DynatxError | undefined;
    await inquiry(first.write, cause, async (): Promise<Settled> => {
      refusal = await this.#search(first, cause);
      return refusal === undefined ? { outcome: "applied" } : { outcome: "refused", stored: undefined };
    });
    if (refusal !== undefined) throw refusal;
    return "committed";
  }

  /** Resolves with the error of a transaction that was not applied and never will be; `undefined`: it was applied. */
  async #search(first: Action, lost: unknown): Promise<DynatxError | undefined> {
    const { conflictBackoff: backoff } = this.#connection;
    let cause = lost;
    for (let look = 1; look <= maxLooks; look++) {
      await pause(this.#connection, { reason: "doubt", table: this.#table, backoff, attempt: look });
      // A signal keeps it from being sent again; what has become of it is found out all the same.
      const aborted = this.#terms.signal?.aborted === true;
      const result = aborted ? undefined : await this.#sendAgain(first);
      if (result?.outcome === "applied") return undefined;
      if (result !== undefined && result.outcome !== "cancelled") {
        cause = result.cause;
        continue;
      }
      if (result !== undefined && this.#without("native looks after doubt"))
        return refusalOf(refusedBy(this.#actions, result.reasons));
      const seen = await this.#look(first);
      const verdict = judgeTransaction(seen);
      if (verdict === "committed") return undefined;
      if (verdict === "passed") {
        // Items are not read at one moment: what was only read may have moved after the late one had come.
        const later = await this.#look(first);
        return judgeTransaction(later) === "committed" ? undefined : this.#passed(seen);
      }
      if (verdict === "unknown" || aborted) break;
      const refused = refusedBy(this.#actions, result?.reasons ?? []);
      await this.#resolveHeld(seen.filter((item) => isHeld(item)));
      // Refused though nothing of the library's has moved: for the caller's condition, or another program's change. The
      // late one must not find them gone.
      const fenced = (): Promise<boolean> | boolean => this.#without("native fences") || this.#fence(first, seen);
      if (refused.length > 0 && !seen.some(isHeld) && (await fenced())) return refusalOf(refused);
    }
    throw ambiguous(first.write, cause);
  }

  /** What is refused for good now says nothing of the first send. */
  async #sendAgain(first: Action): Promise<TransactResult> {
    try {
      return await this.#send();
    } catch (error) {
      throw ambiguous(first.write, error);
    }
  }

  #passed(seen: readonly Seen[]): DynatxError {
    const changed = seen.filter(({ action, stored }) => !guardHolds(action.write, action.guard, stored));
    return changed.length > 0 ? refusalOf(changed) : new ConflictError("what the transaction has read was changed");
  }

  /** All items that take part, as they are stored now. */
  async #look(first: Action): Promise<readonly Seen[]> {
    const byBinding = new Map<Binding, AttributeMap[]>();
    for (const { write } of this.#actions)
      byBinding.set(write.binding, [...(byBinding.get(write.binding) ?? []), write.key]);
    try {
      const found = new Map<Binding, ReadonlyMap<string, AttributeMap>>();
      for (const [binding, keys] of byBinding)
        found.set(binding, await batchGetStored(binding, keys, { consistent: true }));
      return this.#actions.map((action) => {
        const { binding, key } = action.write;
        return { action, stored: found.get(binding)?.get(keyText(binding.spec, key)) };
      });
    } catch (error) {
      if (error instanceof RequestError) throw ambiguous(first.write, error);
      throw error;
    }
  }

  /** Whether one of the items that must be as they were has moved now, so that the late send can no longer pass. */
  async #fence(first: Action, seen: readonly Seen[]): Promise<boolean> {
    // One that is written: what is only read does not move when the late one comes.
    const fit = seen.find(
      ({ action, stored }) => action.writes && action.write.before !== undefined && stored !== undefined,
    );
    if (fit?.stored === undefined) return false;
    const { binding } = fit.action.write;
    try {
      const result = await binding.connection.requests.write(fenceRequest(fit.action.write, fit.stored));
      return result.outcome === "applied";
    } catch (error) {
      throw ambiguous(first.write, error);
    }
  }
}

function isHeld({ action: { write }, stored }: Seen): boolean {
  return stored !== undefined && attributeOf(stored, write.binding.connection.reserved.intent) !== undefined;
}

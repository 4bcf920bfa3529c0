import type { Connection } from "../../../dynamodb/connection.js";
import type { AttemptTerms } from "../../backend.js";

/** On which terms a footprint is committed. */
export class CommitTerms implements AttemptTerms {
  readonly connection: Connection;
  readonly signal: AbortSignal | undefined;
  /** Whether the commit resolves only when its items are no longer in flight. */
  readonly awaitApply: boolean;
  readonly #attempt: AttemptTerms;

  constructor(attempt: AttemptTerms, awaitApply: boolean) {
    this.connection = attempt.connection;
    this.signal = attempt.signal;
    this.awaitApply = awaitApply;
    this.#attempt = attempt;
  }

  /** Asked for where it is needed: it is made then. */
  get priority(): string {
    return this.#attempt.priority;
  }
}

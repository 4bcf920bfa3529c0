/**
 * Where tests reach into the atomic protocol: they stop at its steps (to kill the process there, or to let somebody else
 * go first), and leave one of its rules out, to see that what it prevents is found. Not part of the public contract.
 */

/** The points between which a process may die, in the order in which one commit meets them. */
export const protocolSteps = [
  "begun", // the record is there, no intent yet
  "intent", // one intent is in its item; told for each
  "intended", // all intents are in their items
  "validated", // what was only read is still as it was read
  "committed", // the commit point has passed
  "applied", // one item has its new state; told for each
  "applied all", // no item is in flight any more, the record is still there
  "forgotten", // the record is gone
  "aborted", // the record is gone, the intents are still there
  "native sent", // about to send the one request of the native path
] as const;
export type ProtocolStep = (typeof protocolSteps)[number];

/** One condition or order of the protocol each, by what is lost with it. */
export const protocolRules = [
  "save minds intents", // a plain write does not pass while the item is in flight
  "intent minds what was read", // an intent is placed only where the item is as it was read
  "intent minds intents", // and nobody else's is there
  "validate", // what was only read is read again before the commit
  "snapshots are read twice", // also where nothing is written
  "validate minds intents", // and must not be in flight
  "attempts are named", // an intent counts only as the attempt that the record names
  "attempts are adopted", // and that is the one that is in the item
  "push", // a reader of an item in flight makes its transaction validate again
  "absent items are intended", // two absent keys that were only read get intents
  "absent first", // absent keys are read again before the others
  "fresh id", // a begin that went unanswered is never sent again
  "commit minds the record", // only a pending transaction commits
  "a doubtful commit is traced", // no record does not mean aborted, after a commit that went unanswered
  "abort minds the record", // only a pending transaction is aborted
  "withdraw minds the record", // nor does its owner give up a committed one
  "apply minds the intent", // an item gets its new state only from the intent that is in it
  "apply minds the attempt", // and only from the attempt that it holds
  "rollback minds the intent", // and is freed only of the intent that was seen
  "forgotten last", // the record goes when no item is in flight any more
  "what has ended is read again", // no record: the item may have its new state by now
  "coordinators are told apart", // no record elsewhere does not mean aborted
  "native checks reads", // what was only read takes part in the native path
  "native minds intents", // and must not be in flight there
  "native keeps its token", // sent again, it is the same request for DynamoDB
  "native looks after doubt", // a refusal after a lost answer proves nothing
  "native fences", // nor may what was lost arrive after it was given up
] as const;
export type ProtocolRule = (typeof protocolRules)[number];

export interface ProtocolHooks {
  /** Called, and awaited, at each step; `transaction`: its id, where there is one. */
  readonly step?: ((step: ProtocolStep, transaction: string) => void | Promise<void>) | undefined;
  /** The rules that are left out. */
  readonly without?: ReadonlySet<ProtocolRule> | undefined;
}

import { ValidationError } from "../base/errors.js";

/** What may happen to a request on its way to the database and back. */
export type Fault =
  /** The request never arrives; the connection is reset. */
  | "loseRequest"
  /** The request is executed; its answer is lost, and the connection reset. */
  | "loseReply"
  /** The connection is reset at once, and the request arrives later. */
  | "deliverLater"
  /** The request is executed and answered, and arrives once more later. */
  | "duplicate"
  /** Refused with `ThrottlingException`; not executed. */
  | "throttle"
  /** The request is executed, and the answer breaks off in mid-body. */
  | "cutReply"
  /** The request arrives later than usual, and its answer is waited for. */
  | "slow";

export const faultKinds = [
  "loseRequest",
  "loseReply",
  "deliverLater",
  "duplicate",
  "throttle",
  "cutReply",
  "slow",
] as const satisfies readonly Fault[];

/** The share of requests, from 0 to 1, that meet each fault. Their sum is at most 1. */
export type FaultRates = { readonly [Kind in Fault]?: number | undefined };

/** Throws `ValidationError` for shares that are none. */
export function checkRates(rates: FaultRates): FaultRates {
  const shares = faultKinds.map((kind) => rates[kind] ?? 0);
  const sum = shares.reduce((total, share) => total + share, 0);
  const unknown = Object.keys(rates).filter((name) => !faultKinds.some((kind) => kind === name));
  if (unknown.length > 0) throw new ValidationError(`no such fault: ${unknown.join(", ")}`);
  // A little over 1 comes of adding up fractions.
  if (shares.every((share) => share >= 0 && share <= 1) && sum <= 1 + 1e-9) return { ...rates };
  throw new ValidationError(`the rates of faults must be shares from 0 to 1 with a sum of at most 1: ${sum}`);
}

/** Numbers from 0 up to 1, the same ones for the same seed (mulberry32). */
export function seededFractions(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The fault for a number from 0 up to 1, or `undefined` for none. */
export function pickFault(rates: FaultRates, fraction: number): Fault | undefined {
  let below = 0;
  for (const kind of faultKinds) {
    below += rates[kind] ?? 0;
    if (fraction < below) return kind;
  }
  return undefined;
}

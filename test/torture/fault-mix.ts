/** Which faults requests meet, by what they are: a network may do to a request only what the protocol answers for. */
import type { Fault, FaultProxyOptions, FaultRates, PlannedFault, ProxiedRequest } from "dynatx/testing";
import { faultKinds, pickFault, seededFractions } from "../../src/testing/fault-plan.js";

export const requestClasses = ["read", "create", "update", "change", "transaction"] as const;

export type RequestClass =
  /** Reads of any kind: late or double they do nothing, so they are only lost, throttled and slow. */
  | "read"
  /**
   * PutItem: a new item, a placeholder, the record of a transaction, a part. Not doubled: where it was answered and what
   * it made is gone again, a second one makes it anew, and nothing at the item can tell that it was there before.
   */
  | "create"
  /** `Model.update`, whose condition knows no version: a second one is a second update. Not doubled. */
  | "update"
  /** UpdateItem and DeleteItem under a condition that holds once. Everything. */
  | "change"
  /** TransactWriteItems, which DynamoDB knows again by its token. Everything. */
  | "transaction";

export type FaultOverrides = { readonly [Class in RequestClass]?: FaultRates | undefined };

const lost: FaultRates = { loseRequest: 0.015, loseReply: 0.02, deliverLater: 0.02, throttle: 0.01, cutReply: 0.01 };

/** The share of requests of each class that meet each fault. */
export const defaultMix: Readonly<Record<RequestClass, FaultRates>> = {
  read: { loseRequest: 0.005, loseReply: 0.005, cutReply: 0.005, throttle: 0.005, slow: 0.03 },
  create: { ...lost, slow: 0.04 },
  update: { ...lost, slow: 0.04 },
  change: { ...lost, slow: 0.04, duplicate: 0.03 },
  transaction: { ...lost, slow: 0.04, duplicate: 0.03 },
};

const classes: Readonly<Record<string, RequestClass>> = {
  GetItem: "read",
  BatchGetItem: "read",
  Query: "read",
  Scan: "read",
  PutItem: "create",
  UpdateItem: "change",
  DeleteItem: "change",
  TransactWriteItems: "transaction",
};

/** `undefined`: it is about tables, and meets no fault. */
export function classOf({ operation, body }: ProxiedRequest): RequestClass | undefined {
  // Only `Model.update` asks for the item as it is afterwards.
  return operation === "UpdateItem" && body["ReturnValues"] === "ALL_NEW" ? "update" : classes[operation];
}

export interface FaultMixOptions {
  readonly seed: number;
  readonly scale: number;
  readonly overrides: FaultOverrides;
  readonly leaseMs: number;
}

const shortDelayMs = 50;
/** This share of what is late is later than a lease or two: the rest of the transaction has been over for long. */
const longShare = 0.1;
const longLeases = 3;

/** The plan of one proxy. Every request takes three numbers, whatever meets it. */
export function faultPlan(options: FaultMixOptions): NonNullable<FaultProxyOptions["plan"]> {
  const fraction = seededFractions(options.seed);
  const mix = scaledMix(options);
  return (request): PlannedFault => {
    const [chance, long, delay] = [fraction(), fraction(), fraction()];
    const kind = classOf(request);
    const fault: Fault | undefined = kind && pickFault(mix[kind], chance);
    if (fault === undefined) return "none";
    const mostMs = long < longShare && fault !== "slow" ? longLeases * options.leaseMs : shortDelayMs;
    return { fault, delayMs: delay * mostMs };
  };
}

function scaledMix({ scale, overrides }: FaultMixOptions): Readonly<Record<RequestClass, FaultRates>> {
  const scaled = (name: RequestClass): FaultRates => {
    const rates = defaultMix[name];
    const shares = Object.fromEntries(faultKinds.map((kind) => [kind, (rates[kind] ?? 0) * scale]));
    return { ...shares, ...overrides[name] };
  };
  return {
    read: scaled("read"),
    create: scaled("create"),
    update: scaled("update"),
    change: scaled("change"),
    transaction: scaled("transaction"),
  };
}

import type { Value } from "./operation.js";

/** An operation's index in the history. */
export type OperationIndex = number;

/** Why one operation of a cycle must have come before the next. */
export interface CycleEdge {
  readonly from: OperationIndex;
  readonly to: OperationIndex;
  /**
   * `ww`: both wrote, in this order. `wr`: `to` saw what `from` wrote. `rw`: `from` did not see what `to` wrote.
   * `realTime`: `from` had ended when `to` began. `lifetime`: they knew two lists of one key, the second made when the
   * first was deleted.
   */
  readonly kind: "ww" | "wr" | "rw" | "realTime" | "lifetime";
  readonly why: string;
}

/** Something no strictly serializable store does. `explanation` is for people, and names operations `T<index>`. */
export type Anomaly =
  /** A value was seen whose operation failed, or gave the attempt up, or deleted it itself. */
  | {
      readonly kind: "dirtyRead";
      readonly key: string;
      readonly value: Value;
      readonly writer: OperationIndex;
      readonly reader: OperationIndex;
      readonly explanation: string;
    }
  /** A value was seen that no operation appended. */
  | {
      readonly kind: "unknownValue";
      readonly key: string;
      readonly value: Value;
      readonly reader: OperationIndex;
      readonly explanation: string;
    }
  /** A value was seen twice: its append was applied twice. */
  | {
      readonly kind: "duplicateValue";
      readonly key: string;
      readonly value: Value;
      readonly reader: OperationIndex;
      readonly explanation: string;
    }
  /** The lists that two operations saw, or left, are not one the beginning of the other: an update was lost. */
  | {
      readonly kind: "incompatibleLists";
      readonly key: string;
      readonly operations: readonly [OperationIndex, OperationIndex];
      readonly lists: readonly [readonly Value[], readonly Value[]];
      readonly explanation: string;
    }
  /** An operation did not see what it had seen or done itself. */
  | {
      readonly kind: "internal";
      readonly key: string;
      readonly operation: OperationIndex;
      readonly explanation: string;
    }
  /** An append was acknowledged, and operations that began after that did not see it. */
  | {
      readonly kind: "lostWrite";
      readonly key: string;
      readonly value: Value;
      readonly writer: OperationIndex;
      readonly reader: OperationIndex;
      readonly explanation: string;
    }
  /**
   * Operations that must each have come before the next, in a circle. `name` goes by Adya: `G0` writes alone; `G1c`
   * writes, and reads of them; `G-single` with one `rw` (a stale or torn read); `G2` with more (write skew). With
   * `realTime` only the order in time closes the circle: the history may be serializable, but not strictly so.
   */
  | {
      readonly kind: "cycle";
      readonly name: "G0" | "G1c" | "G-single" | "G2";
      readonly realTime: boolean;
      readonly edges: readonly CycleEdge[];
      readonly explanation: string;
    }
  /** Balances were seen whose sum is not the total. */
  | { readonly kind: "wrongTotal"; readonly reader: OperationIndex; readonly sum: number; readonly explanation: string }
  /** A negative balance was seen. */
  | {
      readonly kind: "negativeBalance";
      readonly reader: OperationIndex;
      readonly account: string;
      readonly explanation: string;
    };

/** What a check has found. */
export interface HistoryReport {
  /** Whether there is no anomaly. */
  readonly valid: boolean;
  readonly anomalies: readonly Anomaly[];
  /** How many more anomalies there are than `maxAnomalies`. */
  readonly omitted: number;
  /** What the verdict stands on: one about few operations and reads says little. */
  readonly counts: {
    readonly ok: number;
    readonly failed: number;
    readonly unknown: number;
    /** How many of the `unknown` ones have happened, since others saw what they appended. */
    readonly unknownSeen: number;
    /** How many lists (or, by `checkBank`, sets of balances) were seen by operations that happened. */
    readonly reads: number;
  };
}

export interface CheckOptions {
  /** How many anomalies are reported; the others are counted. Default: 100. */
  readonly maxAnomalies?: number | undefined;
}

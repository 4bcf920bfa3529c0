import type { Json } from "../storage/json.js";
import type { RecordValues, SetRecord } from "../storage/types.js";

/** A record as a transaction sees it. Change `v`, and tell the transaction by `set`. */
export class TXRecord<V = Json> {
  /** The key. */
  readonly k: string;
  /** The value: null when the record is absent, or is to be deleted. */
  v: V;
  /** The version that was read, -1 when the record is absent. */
  readonly version: number;
  /** The last values that were read, the newest at the end. */
  readonly values: RecordValues;

  constructor(k: string, v: V, version: number, values: RecordValues) {
    this.k = k;
    this.v = v;
    this.version = version;
    this.values = values;
  }

  /** As `set` keeps it in the lock. */
  toJSON(): SetRecord {
    return { k: this.k, version: this.version, values: this.values, v: this.v };
  }

  /** `k = v; version 3`, for logs. */
  toString(): string {
    return `${this.k} = ${JSON.stringify(this.v)}; version ${this.version}`;
  }
}

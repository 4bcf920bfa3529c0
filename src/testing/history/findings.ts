import type { Anomaly, CheckOptions } from "./anomaly.js";

const defaultMaxAnomalies = 100;

/** The anomalies found so far, as many as are wanted. */
export class Findings {
  readonly anomalies: Anomaly[] = [];
  omitted = 0;
  readonly #max: number;

  constructor({ maxAnomalies = defaultMaxAnomalies }: CheckOptions) {
    this.#max = maxAnomalies;
  }

  get full(): boolean {
    return this.anomalies.length >= this.#max;
  }

  add(anomaly: Anomaly): void {
    if (this.full) this.omitted++;
    else this.anomalies.push(anomaly);
  }
}

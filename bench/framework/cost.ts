import { hrtime } from "node:process";

/** What one operation cost, on the average of many, in microseconds. */
export interface Cost {
  readonly timeUs: number;
  /** Of all threads of this process: the collector and the compiler too. */
  readonly cpuUs: number;
}

/**
 * Runs an operation so many times, one after the other. Where Node exposes its collector, what others left is collected
 * before, and what this left is collected at its own cost.
 */
export async function costOf(operation: () => Promise<unknown>, times: number): Promise<Cost> {
  collectYoung();
  const cpu = process.cpuUsage();
  const start = hrtime.bigint();
  for (let time = 0; time < times; time++) await operation();
  collectYoung();
  const timeNs = Number(hrtime.bigint() - start);
  const { user, system } = process.cpuUsage(cpu);
  return { timeUs: timeNs / 1000 / times, cpuUs: (user + system) / times };
}

function collectYoung(): void {
  globalThis.gc?.({ type: "minor", execution: "sync" });
}

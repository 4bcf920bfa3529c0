import { startFaultProxy } from "dynatx/testing";
import type { Fault, FaultProxy } from "dynatx/testing";
import { faultKinds } from "../../src/testing/fault-plan.js";
import { faultPlan } from "./fault-mix.js";
import type { Settings } from "./settings.js";
import type { RegionPlace } from "./world.js";

/** A way of its own through faults for each worker and each region. They outlive the workers: what those sent still arrives. */
export class Network {
  readonly #proxies: FaultProxy[] = [];

  /** Ways to the places for one more user. */
  async ways(places: readonly RegionPlace[], settings: Settings): Promise<RegionPlace[]> {
    const { seed, faults: scale, faultOverrides: overrides, leaseMs } = settings;
    const ways: RegionPlace[] = [];
    for (const { endpoint, prefix } of places) {
      const own = seed * 1009 + this.#proxies.length;
      const proxy = await startFaultProxy(endpoint, { plan: faultPlan({ seed: own, scale, overrides, leaseMs }) });
      this.#proxies.push(proxy);
      ways.push({ endpoint: proxy.endpoint, prefix });
    }
    return ways;
  }

  get counts(): Readonly<Record<Fault, number>> {
    const sum = (kind: Fault): number => this.#proxies.reduce((total, { counts }) => total + counts[kind], 0);
    // True: it names all kinds.
    return Object.fromEntries(faultKinds.map((kind) => [kind, sum(kind)])) as Record<Fault, number>;
  }

  get requests(): number {
    const sum = ({ requests }: FaultProxy): number => [...requests.values()].reduce((total, count) => total + count, 0);
    return this.#proxies.reduce((total, proxy) => total + sum(proxy), 0);
  }

  /** Resolves when everything that is late has arrived, and ends the ways. */
  async close(): Promise<void> {
    for (const proxy of this.#proxies) await proxy.settled();
    for (const proxy of this.#proxies) await proxy.stop();
  }
}

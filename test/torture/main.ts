/** `npm run torture -- --minutes 2 --seed 7 --endpoint both`: see docs/torture.md. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { faultKinds } from "../../src/testing/fault-plan.js";
import { protocolRules } from "../../src/dynamodb/protocol-hooks.js";
import type { ProtocolRule } from "../../src/dynamodb/protocol-hooks.js";
import { requestClasses } from "./fault-mix.js";
import type { FaultOverrides } from "./fault-mix.js";
import { reportText } from "./report.js";
import { settingsOf } from "./settings.js";
import type { ChosenSettings, EndpointKind } from "./settings.js";
import { startEndpoint, torture } from "./torture.js";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    endpoint: { type: "string", default: "both" },
    workers: { type: "string" },
    clients: { type: "string" },
    regions: { type: "string" },
    lease: { type: "string" },
    blow: { type: "string" },
    faults: { type: "string" },
    fault: { type: "string", multiple: true, default: [] },
    without: { type: "string", multiple: true, default: [] },
    folder: { type: "string" },
  },
});

function numberOf(name: string, text: string | undefined, least = 0): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!(number >= least)) throw new Error(`--${name} must be a number of at least ${least}, but it is ${text}`);
  return number;
}

/** `change.duplicate=0.1`: another share of one fault for one class of requests. */
function overridesOf(texts: readonly string[]): FaultOverrides {
  const overrides: Record<string, Record<string, number>> = {};
  for (const text of texts) {
    const [, name = "", kind = "", share] = /^(\w+)\.(\w+)=([\d.]+)$/.exec(text) ?? [];
    const known = requestClasses.some((each) => each === name) && faultKinds.some((each) => each === kind);
    if (!known)
      throw new Error(`--fault ${text}: CLASS.KIND=SHARE of ${requestClasses.join(", ")} and ${faultKinds.join(", ")}`);
    (overrides[name] ??= {})[kind] = Number(share);
  }
  return overrides;
}

function rulesOf(texts: readonly string[]): ProtocolRule[] {
  return texts.map((text) => {
    const rule = protocolRules.find((each) => each === text);
    if (rule === undefined) throw new Error(`--without ${text}: there are ${protocolRules.join("; ")}`);
    return rule;
  });
}

function kindsOf(text: string): EndpointKind[] {
  if (text === "both") return ["dynalite", "local"];
  if (text === "dynalite" || text === "local") return [text];
  throw new Error(`--endpoint must be dynalite, local or both, but it is ${text}`);
}

function regionsOf(text: string | undefined): 1 | 2 | undefined {
  if (text === undefined) return undefined;
  if (text !== "1" && text !== "2") throw new Error(`--regions must be 1 or 2, but it is ${text}`);
  return text === "1" ? 1 : 2;
}

const chosen: Omit<ChosenSettings, "kind"> = {
  seed: numberOf("seed", values.seed) ?? 0,
  durationMs: (numberOf("minutes", values.minutes) ?? 1) * 60_000,
  workers: numberOf("workers", values.workers, 1),
  clients: numberOf("clients", values.clients, 1),
  regions: regionsOf(values.regions),
  leaseMs: numberOf("lease", values.lease, 1),
  blowMs: numberOf("blow", values.blow, 1),
  faults: numberOf("faults", values.faults),
  faultOverrides: overridesOf(values.fault),
  without: rulesOf(values.without),
};

let anomalies = 0;
for (const kind of kindsOf(values.endpoint)) {
  const folder = values.folder === undefined ? undefined : join(values.folder, kind);
  if (folder !== undefined) mkdirSync(folder, { recursive: true });
  const settings = settingsOf({ ...chosen, kind, folder });
  const endpoint = await startEndpoint(kind);
  try {
    const report = await torture(endpoint.endpoint, settings);
    console.log(reportText(report));
    anomalies += report.anomalies.length;
    if (report.anomalies.length === 0 && values.folder === undefined)
      rmSync(settings.folder, { recursive: true, force: true });
  } finally {
    await endpoint.stop();
  }
}
process.exitCode = anomalies > 0 ? 1 : 0;

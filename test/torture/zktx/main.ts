/** `npm run torture:zktx -- --minutes 2 --seed 7`: see docs/torture.md. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startEnsemble, startZooKeeper } from "../../support/zookeeper.js";
import { reportText } from "./report.js";
import { defaults } from "./settings.js";
import { torture } from "./torture.js";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    servers: { type: "string", default: "1" },
    workers: { type: "string", default: String(defaults.workers) },
    crews: { type: "string", default: String(defaults.crews) },
    lines: { type: "string", default: String(defaults.lines) },
    session: { type: "string", default: String(defaults.sessionMs) },
    blow: { type: "string", default: String(defaults.blowMs) },
  },
});

function numberOf(name: string, text: string): number {
  const number = Number(text);
  if (!(number >= 0)) throw new Error(`--${name} must be a number of at least 0, but it is ${text}`);
  return number;
}

function membersOf(text: string): 1 | 3 {
  if (text !== "1" && text !== "3") throw new Error(`--servers must be 1 or 3, but it is ${text}`);
  return text === "1" ? 1 : 3;
}

const members = membersOf(values.servers);
const servers = members === 3 ? await startEnsemble() : [await startZooKeeper()];
const folder = mkdtempSync(join(tmpdir(), "dynatx-torture-"));
try {
  const report = await torture(servers, {
    ...defaults,
    folder,
    members,
    seed: numberOf("seed", values.seed),
    durationMs: numberOf("minutes", values.minutes) * 60_000,
    workers: numberOf("workers", values.workers),
    crews: numberOf("crews", values.crews),
    lines: numberOf("lines", values.lines),
    sessionMs: numberOf("session", values.session),
    blowMs: numberOf("blow", values.blow),
  });
  console.log(reportText(report));
  if (report.anomalies.length > 0) process.exitCode = 1;
  else rmSync(folder, { recursive: true, force: true });
} finally {
  await Promise.all(servers.map((server) => server.stop()));
}

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startEnsemble, startZooKeeper } from "../../support/zookeeper.js";
import { reportText } from "./report.js";
import { defaults } from "./settings.js";
import { torture } from "./torture.js";

/** To the end of every session, on a machine that is busy with other tests. */
const timeoutMs = 240_000;

/** A short run each of what `npm run torture:zktx` does; its seeds say which plans, not which interleavings. */
const runs = [
  { seed: 1, members: 1, durationMs: 6_000 },
  { seed: 2, members: 3, durationMs: 6_000 }, // the blows at servers meet the leader
] as const;

describe("torture of transactions with locks, for some seconds", () => {
  it.each(runs)(
    "S51, S56, S60, S74: seed $seed, $members server(s): strictly serializable, and nothing is left",
    async (run) => {
      const servers = run.members === 3 ? await startEnsemble() : [await startZooKeeper()];
      const folder = mkdtempSync(join(tmpdir(), "dynatx-torture-"));
      try {
        const report = await torture(servers, { ...defaults, ...run, folder });
        expect(report.anomalies, reportText(report)).toEqual([]);
        expect(report.verdict.history.counts.ok).toBeGreaterThan(0);
        rmSync(folder, { recursive: true });
      } finally {
        await Promise.all(servers.map((server) => server.stop()));
      }
    },
    timeoutMs,
  );
});

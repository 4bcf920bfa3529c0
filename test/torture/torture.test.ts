import { rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { useDatabase } from "../support/databases.js";
import { reportText } from "./report.js";
import { settingsOf } from "./settings.js";
import { torture } from "./torture.js";

const durationMs = 20_000; // together a minute
/** To the end of every operation, on a machine that is busy with other tests. */
const timeoutMs = 180_000;

/** A short run each of what `npm run torture` does; its seeds say which plans, not which interleavings. */
const runs = [
  { seed: 1, kind: "dynalite", regions: 1 },
  { seed: 2, kind: "dynalite", regions: 2 },
  { seed: 1, kind: "local", regions: 1 }, // the native path, which does not span regions
] as const;

describe("torture, for a minute", () => {
  const databases = { dynalite: useDatabase(), local: useDatabase("DynamoDB Local") };

  it.each(runs)(
    "A6, A8, A9, A11: seed $seed, $kind, $regions region(s): nothing is seen that may not be, and nothing is left",
    async (run) => {
      const { connection, endpoint } = databases[run.kind];
      const settings = settingsOf({ ...run, durationMs, blowMs: 800 });
      const report = await torture(endpoint, settings, `${connection.tablePrefix}${run.seed}-`);
      expect(report.anomalies, reportText(report)).toEqual([]);
      expect(report.verdict.history.counts.ok).toBeGreaterThan(0);
      rmSync(settings.folder, { recursive: true });
    },
    timeoutMs,
  );
});

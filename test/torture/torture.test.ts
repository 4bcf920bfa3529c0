import { rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { describeOnBoth } from "../support/databases.js";
import { reportText } from "./report.js";
import { settingsOf } from "./settings.js";
import type { ChosenSettings } from "./settings.js";
import { torture } from "./torture.js";

const durationMs = 5000;
/** To the end of every operation, on a machine that is busy with other tests. */
const timeoutMs = 180_000;

/** A short run each of what `npm run torture` does; its seeds say which plans, not which interleavings. */
const runs = [
  { seed: 1, regions: 1 },
  { seed: 2, regions: 2 },
] as const;

describe("torture", () => {
  describeOnBoth("of a few seconds", (database, kind) => {
    it.each(runs)(
      "A6, A8, A9, A11: seed $seed, $regions region(s): nothing is seen that may not be, and nothing is left",
      async (run) => {
        const chosen: ChosenSettings = { ...run, durationMs, kind: kind === "dynalite" ? "dynalite" : "local" };
        const settings = settingsOf({ ...chosen, blowMs: 800 });
        const prefix = `${database.connection.tablePrefix}${run.seed}-`;
        const report = await torture(database.endpoint, settings, prefix);
        expect(report.anomalies, reportText(report)).toEqual([]);
        expect(report.verdict.history.counts.ok).toBeGreaterThan(0);
        rmSync(settings.folder, { recursive: true });
      },
      timeoutMs,
    );
  });
});

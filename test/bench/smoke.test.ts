import { execFile } from "node:child_process";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { check } from "prettier";
import { expect, onTestFinished, test } from "vitest";
import { ensureServers } from "../support/servers.js";

const root = join(import.meta.dirname, "../..");
const run = promisify(execFile);

/** As `npm run bench -- --quick`, but of the sources: the build is what `npm run check` makes. */
test(
  "every suite runs, its promises hold, and its report has tables, plots and data",
  { timeout: 190_000 },
  async () => {
    ensureServers();
    const out = await mkdtemp(join(tmpdir(), "dynatx-bench-"));
    onTestFinished(() => rm(out, { recursive: true }));
    const args = ["--import", "tsx", join(root, "bench/main.ts"), "--quick", "--out", out];
    const { stdout } = await run(process.execPath, args, { cwd: root, timeout: 180_000 }); // rejects when a promise was broken
    expect(stdout).toContain("DocumentClient");

    // True: the run has just written it.
    const results = JSON.parse(await readFile(join(out, "docs/bench/results.json"), "utf8")) as Record<
      string,
      { machine: object; failures: unknown[]; data: Record<string, unknown>[] }
    >;
    expect(Object.keys(results).toSorted()).toEqual([
      "hot-item",
      "lost-replies",
      "many-items",
      "overhead",
      "zookeeper",
    ]);
    for (const { machine, failures, data } of Object.values(results)) {
      expect(machine).toMatchObject({ node: process.version, dynatx: "sources" });
      expect(failures).toEqual([]);
      expect(data.length).toBeGreaterThan(3);
    }
    const hot = results["hot-item"]?.data ?? [];
    expect(new Set(hot.map(({ database }) => database))).toEqual(new Set(["dynalite", "DynamoDB Local"]));

    const report = await readFile(join(out, "docs/performance.md"), "utf8");
    for (const [, plot] of report.matchAll(/!\[[^\]]*\]\(bench\/([^)]+)\)/g)) {
      expect(await readFile(join(out, "docs/bench", plot ?? ""), "utf8")).toMatch(/^<svg /);
    }
    expect((await readdir(join(out, "docs/bench"))).length).toBeGreaterThan(4);
    for (const document of ["docs/performance.md", "README.md"]) {
      const text = await readFile(join(out, document), "utf8");
      expect(await check(text, { parser: "markdown", printWidth: 120 }), `${document} is formatted`).toBe(true);
    }
  },
);

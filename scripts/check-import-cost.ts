import { mkdirSync, writeFileSync } from "node:fs";
import { manifest, root } from "./entries.js";
import { run } from "./run.js";

/** What importing the root may cost when the SDK and zod are loaded already, in milliseconds. */
const limitMs = 20;
/** The least of them counts: whatever else the machine does only adds. */
const rounds = 7;

interface Report {
  readonly ms: number;
  /** The files it loaded besides our own. */
  readonly files: readonly string[];
}

/** The same program twice: loads the SDK and zod, then times the root, and reports what that loaded. */
const programs = {
  require: `
    const load = (name) => require(name);
    const dynatx = "dist/index.js";`,
  import: `
    import { createRequire } from "node:module";
    const require = createRequire(import.meta.url);
    const load = (name) => import(name);
    const dynatx = "dist/index.mjs";`,
};

const body = (folder: string): string => `
  (async () => {
    await load("@aws-sdk/client-dynamodb");
    await load("zod");
    const before = new Set(Object.keys(require.cache));
    // What the SDK and zod left to collect and to compile in the background is not ours.
    gc();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const start = process.cpuUsage();
    const clock = performance.now();
    await load(${JSON.stringify(folder)} + dynatx);
    const { user, system } = process.cpuUsage(start);
    // The lesser of the two: time on the clock grows with what else the machine does, processor time with the engine's own
    // threads.
    const ms = Math.min(performance.now() - clock, (user + system) / 1000);
    const files = Object.keys(require.cache).filter((file) => !before.has(file) && file.includes("node_modules"));
    console.log(JSON.stringify({ ms, files }));
  })();`;

/**
 * Fails when the root costs a program more than the limit, or loads an optional peer. An ESM program differs from a
 * CommonJS one: it has zod's ESM files loaded, and must not get zod's CommonJS files as well.
 */
export async function checkImportCost(): Promise<string> {
  mkdirSync(`${root}.tmp/import-cost`, { recursive: true });
  const files = { require: `${root}.tmp/import-cost/program.cjs`, import: `${root}.tmp/import-cost/program.mjs` };
  writeFileSync(files.require, programs.require + body(root));
  writeFileSync(files.import, programs.import + body(root));
  const reports: Record<keyof typeof programs, Report[]> = { require: [], import: [] };
  // Interleaved, so that a busy moment of the machine is shared.
  for (let round = 0; round < rounds; round += 1) {
    reports.require.push(await runProgram(files.require));
    reports.import.push(await runProgram(files.import));
  }
  const all = [...reports.require, ...reports.import];
  const packages = [...new Set(all.flatMap((report) => report.files.map(packageOf)))];
  const optional = packages.filter((name) => manifest.peerDependenciesMeta[name]?.optional === true);
  if (optional.length > 0) throw new Error(`The root loads optional peers: ${optional.join(", ")}`);
  if (packages.includes("zod")) throw new Error("The root loads zod a second time in a program that has it");
  const [requireMs, importMs] = [leastMs(reports.require), leastMs(reports.import)];
  const note = `require ${requireMs.toFixed(1)} ms, import ${importMs.toFixed(1)} ms, of ${limitMs} ms`;
  if (Math.max(requireMs, importMs) <= limitMs) return note;
  throw new Error(`Importing the root costs too much: ${note}. It also loads ${packages.join(", ") || "nothing"}`);
}

async function runProgram(file: string): Promise<Report> {
  // The cast: the program above printed it.
  return JSON.parse((await run("node", ["--expose-gc", file])).stdout) as Report;
}

function leastMs(reports: readonly Report[]): number {
  return Math.min(...reports.map((report) => report.ms));
}

/** The name of the package that a file under node_modules belongs to. */
function packageOf(file: string): string {
  const [scope = "", name = ""] = (file.split(/node_modules[\\/]/).at(-1) ?? "").split(/[\\/]/);
  return scope.startsWith("@") ? `${scope}/${name}` : scope;
}

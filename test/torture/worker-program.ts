import { join } from "node:path";
import { rolldown } from "rolldown";
import { entries, root } from "../../scripts/entries.js";

let programs = 0;

/**
 * Puts a worker and the library into one file, and resolves with its path: half of a short run would else go into
 * starting the processes that take the place of those that were killed.
 */
export async function buildWorker(source = join(import.meta.dirname, "worker.ts")): Promise<string> {
  const build = await rolldown({
    input: source,
    external: (name) => /^[^./]/.test(name) && !entries.some(({ specifier }) => specifier === name), // packages
    platform: "node",
    tsconfig: false,
    resolve: { alias: Object.fromEntries(entries.map(({ specifier, source }) => [`${specifier}$`, root + source])) },
    onLog: (_level, log) => {
      throw new Error(log.message);
    },
  });
  // Within the project, where its packages are found.
  const file = join(root, ".tmp", "torture", `worker-${process.pid}-${programs++}.mjs`);
  await build.write({ file, format: "esm", codeSplitting: false });
  await build.close();
  return file;
}

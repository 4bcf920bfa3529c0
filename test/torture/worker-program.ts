import { join } from "node:path";
import { rolldown } from "rolldown";
import { entries, root } from "../../scripts/entries.js";

/**
 * Puts the worker and the library into one file, and resolves with its path: half of a short run would else go into
 * starting the processes that take the place of those that were killed.
 */
export async function buildWorker(): Promise<string> {
  const build = await rolldown({
    input: join(import.meta.dirname, "worker.ts"),
    external: (name) => /^[^./]/.test(name) && !entries.some(({ specifier }) => specifier === name), // packages
    platform: "node",
    tsconfig: false,
    resolve: { alias: Object.fromEntries(entries.map(({ specifier, source }) => [`${specifier}$`, root + source])) },
    onLog: (_level, log) => {
      throw new Error(log.message);
    },
  });
  // Within the project, where its packages are found.
  const file = join(root, ".tmp", "torture", `worker-${process.pid}.mjs`);
  await build.write({ file, format: "esm", codeSplitting: false });
  await build.close();
  return file;
}

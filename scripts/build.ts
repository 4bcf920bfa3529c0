import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { posix } from "node:path";
import { entries, root, type Entry } from "./entries.js";
import { run } from "./run.js";

const require = createRequire(import.meta.url);

rmSync(`${root}dist`, { recursive: true, force: true });
mkdirSync(`${root}dist`);
// The top package.json says "module"; what is compiled here is CommonJS.
writeFileSync(`${root}dist/package.json`, '{ "type": "commonjs" }\n');
await run("tsc", ["--project", "tsconfig.build.json"]);
for (const entry of entries) writeEsmWrapper(entry);

/**
 * Writes the file that `import` finds: it hands on what the CommonJS build exports, name by name, so that `import` and
 * `require` in one process see the very same classes.
 */
function writeEsmWrapper({ built }: Entry): void {
  const file = `./${posix.basename(built)}.js`;
  // The cast: every CommonJS module is an object of its exports.
  const names = Object.keys(require(`${root}${built}.js`) as object).filter((name) => name !== "__esModule");
  const lines = names.map((name) => `export const ${name} = cjs.${name};`);
  writeFileSync(`${root}${built}.mjs`, [`import cjs from "${file}";`, ...lines, ""].join("\n"));
  writeFileSync(`${root}${built}.d.mts`, `export * from "${file}";\n`);
}

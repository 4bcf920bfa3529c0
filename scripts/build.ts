import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { posix } from "node:path";
import { rolldown } from "rolldown";
import { entries, root, type Entry } from "./entries.js";
import { run } from "./run.js";
import { shareZod } from "./share-zod.js";

const require = createRequire(import.meta.url);
const dist = `${root}dist`;

rmSync(dist, { recursive: true, force: true });
mkdirSync(dist);
// The top package.json says "module"; what is built here is CommonJS.
writeFileSync(`${dist}/package.json`, '{ "type": "commonjs" }\n');
await run("tsc", ["--project", "tsconfig.build.json"]); // the declarations; also refuses what does not type-check
await bundle();
shareZod(`${dist}/code`);
for (const entry of entries) writeFacades(entry);

/** A few files load in half the time of a hundred; what two entry points share is a file of its own, loaded once. */
async function bundle(): Promise<void> {
  const build = await rolldown({
    input: Object.fromEntries(entries.map((entry) => [codeOf(entry), root + entry.source])),
    external: /^[^./]/, // packages and Node's own modules
    platform: "node",
    tsconfig: false, // no path mapping: inside the library, files are imported by their path
    onLog: (_level, log) => {
      throw new Error(log.message);
    },
  });
  await build.write({
    dir: `${dist}/code`,
    format: "cjs",
    exports: "named",
    entryFileNames: "[name].js",
    chunkFileNames: "shared-[name].js",
    dynamicImportInCjs: false, // Jest's modules cannot `import()`
    keepNames: true,
  });
}

/** `index`, `testing`, ... */
function codeOf({ built }: Entry): string {
  return built.replace(/^dist\//, "").replace(/\/index$/, "");
}

/**
 * What `require` and `import` find. The ESM file hands on what the CommonJS one exports, name by name, so that both see
 * the very same classes.
 */
function writeFacades(entry: Entry): void {
  const path = root + entry.built;
  const toDist = posix.relative(posix.dirname(entry.built), "dist") || ".";
  const file = `./${posix.basename(entry.built)}.js`;
  mkdirSync(posix.dirname(path), { recursive: true });
  // In two steps: Node would look through a direct `module.exports = require()` for names, and that costs it 10 ms.
  const code = `require("${toDist}/code/${codeOf(entry)}.js")`;
  writeFileSync(`${path}.js`, `"use strict";\nconst code = ${code};\nmodule.exports = code;\n`);
  // The cast: a CommonJS module is the object of its exports.
  const names = Object.keys(require(`${path}.js`) as object);
  const lines = names.map((name) => `export const ${name} = cjs.${name};`);
  const imports = [`import "${toDist}/code/zod.mjs";`, `import cjs from "${file}";`];
  writeFileSync(`${path}.mjs`, [...imports, ...lines, ""].join("\n"));
  writeFileSync(`${path}.d.mts`, `export * from "${file}";\n`);
}

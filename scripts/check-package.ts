import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { builtinModules } from "node:module";
import { manifest, root } from "./entries.js";
import { mustRun } from "./run.js";

/** Packs the build as it would be published, and lets two independent readers judge it. */
export async function checkPackage(): Promise<string> {
  checkImportsAreDeclared();
  const folder = `${root}.tmp/package`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await mustRun("npm", ["pack", "--ignore-scripts", "--pack-destination", folder]);
  const tarball = `${folder}/${readdirSync(folder)[0] ?? ""}`;
  await mustRun("publint", [tarball, "--strict"]);
  await mustRun("attw", [tarball, "--profile", "strict", "--exclude-entrypoints", "package.json"]);
  return "publint and attw found nothing";
}

/** Fails when a built file names a package that is not among our (peer) dependencies: here it would resolve by luck. */
function checkImportsAreDeclared(): void {
  const declared = new Set([...Object.keys(manifest.peerDependencies), ...Object.keys(manifest.dependencies ?? {})]);
  for (const file of readdirSync(`${root}dist`, { recursive: true, encoding: "utf8" })) {
    if (!/\.(m?js|d\.m?ts)$/.test(file)) continue;
    for (const [, specifier = ""] of readFileSync(`${root}dist/${file}`, "utf8").matchAll(importedFrom)) {
      const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
      if (name.startsWith(".") || specifier.startsWith("node:") || builtinModules.includes(name)) continue;
      if (!declared.has(name))
        throw new Error(`dist/${file} imports ${specifier}, which package.json does not declare`);
    }
  }
}

/** What follows `from`, `import` or `require`; only lines of code, since a doc comment may show any import. */
const importedFrom = /^(?!\s*(?:\*|\/[/*])).*?(?:\bfrom\s+|\bimport\s*\(?\s*|\brequire\(\s*)["']([^"'\n]+)["']/gm;

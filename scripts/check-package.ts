import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { builtinModules } from "node:module";
import { entries, manifest, root } from "./entries.js";
import { run } from "./run.js";

/** Packs the build as it would be published, and lets two independent readers judge it. */
export async function checkPackage(): Promise<string> {
  checkNamedExports();
  checkImportsAreDeclared();
  const folder = `${root}.tmp/package`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await run("npm", ["pack", "--ignore-scripts", "--pack-destination", folder]);
  const tarball = `${folder}/${readdirSync(folder)[0] ?? ""}`;
  await run("publint", [tarball, "--strict"]);
  await run("attw", [tarball, "--profile", "strict", "--exclude-entrypoints", "package.json"]);
  return "publint and attw found nothing";
}

/** An entry point names each export: what is public is decided there, not by accident elsewhere. */
function checkNamedExports(): void {
  for (const { source } of entries) {
    const isStar = /^\s*export\s+(type\s+)?\*/m.test(readFileSync(root + source, "utf8"));
    if (isStar) throw new Error(`${source} exports everything of a file: an entry point names each export`);
  }
}

/** Fails when a built file names a package that is not among our (peer) dependencies: here it would resolve by luck. */
function checkImportsAreDeclared(): void {
  const declared = new Set([...Object.keys(manifest.peerDependencies), ...Object.keys(manifest.dependencies ?? {})]);
  for (const file of readdirSync(`${root}dist`, { recursive: true, encoding: "utf8" })) {
    if (!/\.(m?js|d\.m?ts)$/.test(file)) continue;
    const code = readFileSync(`${root}dist/${file}`, "utf8").replace(comments, "");
    for (const [, specifier = ""] of code.matchAll(importedFrom)) {
      const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
      if (name.startsWith(".") || specifier.startsWith("node:") || builtinModules.includes(name)) continue;
      if (!declared.has(name)) throw new Error(`dist/${file} imports ${specifier}, which package.json lacks`);
    }
  }
}

/** What follows `from`, `import` or `require`. */
const importedFrom = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\(\s*)["']([^"'\n]+)["']/g;
/** A doc comment may show any import. */
const comments = /\/\*[^]*?\*\/|^\s*\/\/.*$/gm;

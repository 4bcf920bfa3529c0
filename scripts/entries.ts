import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The repository's top folder, with a slash at its end. */
export const root = fileURLToPath(new URL("../", import.meta.url));

/** One import path of the published package. */
export interface Entry {
  /** What users import: `dynatx`, `dynatx/testing`, ... */
  readonly specifier: string;
  /** Its source file, from the top folder. */
  readonly source: string;
  /** Its built file, from the top folder, without an extension. */
  readonly built: string;
}

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | { readonly require: { readonly default: string } }>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>>;
}

// The cast states what our own package.json holds.
export const manifest = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as Manifest;

/** `exports` in package.json is the one list of entry points; build, tests and checks all follow it. */
export const entries: readonly Entry[] = Object.entries(manifest.exports).flatMap(([path, target]) => {
  if (typeof target === "string") return [];
  const built = target.require.default.replace(/^\.\//, "").replace(/\.js$/, "");
  return [{ specifier: manifest.name + path.slice(1), source: `${built.replace(/^dist\//, "src/")}.ts`, built }];
});

import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { root } from "./entries.js";

export type ModuleType = "module" | "commonjs";

/**
 * Makes an empty project in the ignored folder `.tmp`, of the given module type, where `dynatx` resolves to this
 * repository's build the way an installed package does. Returns its path, with a slash at its end.
 */
export function scratchProject(name: string, type: ModuleType): string {
  const folder = `${root}.tmp/${name}/`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(`${folder}node_modules`, { recursive: true });
  writeFileSync(`${folder}package.json`, `${JSON.stringify({ type })}\n`);
  symlinkSync(root, `${folder}node_modules/dynatx`, "junction");
  return folder;
}

/** Writes the tsconfig.json of a strict user; `options` say what else. */
export function writeUserConfig(folder: string, options: Readonly<Record<string, unknown>> = {}): void {
  const compilerOptions = {
    target: "es2023",
    lib: ["es2023"],
    module: "nodenext",
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    noEmit: true,
    ...options,
  };
  writeFileSync(`${folder}tsconfig.json`, JSON.stringify({ compilerOptions, include: ["*.ts"] }, null, 2));
}

import { copyFileSync } from "node:fs";
import { root } from "./entries.js";
import { run } from "./run.js";
import { scratchProject, writeUserConfig, type ModuleType } from "./scratch.js";

/**
 * A library of the user's own exports model classes: their declarations must be writable (no TS2742, TS4020, ...) and
 * must mean the same to whoever compiles against them. Also compiles the type tests against our built declarations.
 */
export async function checkDeclarations(): Promise<string> {
  await run("tsc", ["--project", "tsconfig.types.json"]);
  await emitAndConsume("module");
  await emitAndConsume("commonjs");
  return "type tests on the build, declaration emit as ESM and as CommonJS";
}

async function emitAndConsume(type: ModuleType): Promise<void> {
  const sources = `${root}test/types/declarations/`;
  const library = scratchProject(`declarations-${type}/library`, type);
  copyFileSync(`${sources}exported-models.ts`, `${library}exported-models.ts`);
  const consumer = scratchProject(`declarations-${type}/consumer`, type);
  writeUserConfig(library, { noEmit: false, declaration: true, emitDeclarationOnly: true, outDir: consumer });
  await run("tsc", ["--project", library]);
  copyFileSync(`${sources}consumer.ts`, `${consumer}consumer.ts`);
  // Library checks on: otherwise a mistake in the written declarations would turn into a silent `any`.
  writeUserConfig(consumer, { skipLibCheck: false });
  await run("tsc", ["--project", consumer]);
}

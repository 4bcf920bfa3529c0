import { checkBudget } from "./check-budget.js";
import { checkDeclarations } from "./check-declarations.js";
import { checkImportCost } from "./check-import-cost.js";
import { checkPackage } from "./check-package.js";
import { run } from "./run.js";

/** Everything that must hold besides the tests, cheapest first. A step throws what is wrong, or returns what it found. */
const steps: Readonly<Record<string, () => Promise<string>>> = {
  types: () => program("tsc", "--noEmit"),
  lint: () => program("oxlint"),
  format: () => program("prettier", "--check", "--log-level", "warn", "."),
  "unit tests": unitTests,
  build: () => program("tsx", "scripts/build.ts"),
  declarations: checkDeclarations,
  budget: checkBudget,
  "import-cost": checkImportCost,
  package: checkPackage,
};

async function unitTests(): Promise<string> {
  const { stdout } = await run("vitest", ["run", "--project", "unit"]);
  return stdout.trimEnd().split("\n").at(-1) ?? "";
}

async function program(command: string, ...args: readonly string[]): Promise<string> {
  await run(command, args);
  return "";
}

// `npm run check -- lint format` runs those two only.
const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !Object.hasOwn(steps, name));
if (unknown.length > 0) throw new Error(`No step ${unknown.join(", ")}: there are ${Object.keys(steps).join(", ")}`);

for (const [name, step] of Object.entries(steps)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  const start = performance.now();
  const seconds = (): string => `${((performance.now() - start) / 1000).toFixed(1)} s`.padStart(7);
  try {
    const note = await step();
    console.log(`ok   ${name.padEnd(12)} ${seconds()}  ${note}`);
  } catch (error) {
    console.log(`FAIL ${name.padEnd(12)} ${seconds()}`);
    console.log(error instanceof Error ? error.message : error);
    process.exit(1);
  }
}

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../../scripts/entries.js";
import { run } from "../../scripts/run.js";

/**
 * The published tarball, installed as a user would, far from this repository's node_modules. Every promise about how
 * the package loads is proved here, in real processes.
 */
let folder: string;
const fixtures = join(root, "test/package/fixtures");

/** What the TypeScript projects have in common. */
const strict = { strict: true, target: "es2022", declaration: true, skipLibCheck: true, types: ["node"] };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "dynatx-package-"));
  await run("npm", ["pack", "--pack-destination", folder]);
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  // What we use ourselves comes from npm's cache; Jest and the older compiler are the only real downloads.
  const ours = ["zod", "@aws-sdk/client-dynamodb", "dynalite", "@types/node", "@opentelemetry/api"].map(
    (name) => `${name}@${installed(name)}`,
  );
  const theirs = ["jest@30.5.2", "typescript@5.9.3"];
  const tarball = `./dynatx-${installed("dynatx")}.tgz`;
  await run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", tarball, ...ours, ...theirs], folder);
}, 240_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the packed tarball", () => {
  test("works from ESM", async () => {
    expect(await runFixture("program.mjs")).toBe("saved and read 7");
  });

  test("works from CommonJS", async () => {
    expect(await runFixture("program.cjs")).toBe("saved and read 7");
  });

  test("is one implementation: import and require give the same classes", async () => {
    expect(await runFixture("identity.cjs")).toBe("same");
  });

  test("loads neither dynalite nor another optional peer from its root", async () => {
    expect(await runFixture("root-only.cjs")).toBe("none");
  });

  test("runs transactions with locks without the client of ZooKeeper, and says what to install for it", async () => {
    expect(await runFixture("zktx.cjs")).toBe("COMMITTED 1 VALIDATION");
    expect(await runFixture("zktx.mjs")).toBe("COMMITTED 1 VALIDATION");
  });

  test("traces from ESM and from CommonJS, with the program's own copy of the OpenTelemetry API", async () => {
    expect(await runFixture("traced.mjs")).toBe("commit Empty");
    expect(await runFixture("traced.cjs")).toBe("commit Empty");
  });

  const projects = [
    { name: "an ESM project", type: "module", module: "nodenext", typescript: "ours" },
    { name: "a CommonJS project", type: "commonjs", module: "commonjs", typescript: "ours" },
    { name: "a CommonJS project that resolves as Node does", type: "commonjs", module: "node16", typescript: "ours" },
    { name: "an ESM project in TypeScript 5.9", type: "module", module: "node16", typescript: "5.9" },
    {
      name: "a CommonJS project in TypeScript 5.9, all defaults",
      type: "commonjs",
      module: "commonjs",
      typescript: "5.9",
    },
  ];
  for (const [i, { name, type, module, typescript }] of projects.entries()) {
    test(`compiles and runs in ${name}`, { timeout: 60_000 }, async () => {
      const project = subproject(`typescript-${i}`, { type });
      cpSync(join(fixtures, "program.ts"), join(project, "program.ts"));
      writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions: { ...strict, module } }));
      await run(typescript === "ours" ? "tsc" : join(folder, "node_modules/typescript/bin/tsc"), [], project);
      expect(readFileSync(join(project, "program.d.ts"), "utf8")).toContain("class Account extends");
      expect(await runNode(project, "program.js")).toBe("saved and read 7");
    });
  }

  test("works in a Jest project without any configuration", { timeout: 60_000 }, async () => {
    const project = subproject("jest", {});
    cpSync(join(fixtures, "jest-account.js"), join(project, "account.test.js"));
    const { stderr } = await run(join(folder, "node_modules/.bin/jest"), [], project);
    expect(stderr).toMatch(/^Tests: +3 passed, 3 total$/m);
  });
});

/** The version in this repository, of a dependency or of the package itself. */
function installed(name: string): string {
  const file = name === "dynatx" ? `${root}package.json` : `${root}node_modules/${name}/package.json`;
  // The cast: every package.json of an installed package has a version.
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}

/** A project of its own inside the folder, which finds what is installed there. */
function subproject(name: string, manifest: object): string {
  const project = join(folder, name);
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), JSON.stringify(manifest));
  return project;
}

function runFixture(name: string): Promise<string> {
  cpSync(join(fixtures, name), join(folder, name));
  return runNode(folder, name);
}

async function runNode(cwd: string, file: string): Promise<string> {
  return (await run("node", [file], cwd)).stdout.trim();
}

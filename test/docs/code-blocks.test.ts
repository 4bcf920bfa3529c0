import { execFile } from "node:child_process";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startZooKeeper } from "../support/zookeeper.js";
import type { ZooKeeper } from "../support/zookeeper.js";

const root = join(import.meta.dirname, "../..");
const folder = join(root, ".tmp", "docs");
const run = promisify(execFile);

/** The TypeScript of a document: its blocks in order are one program. */
function programOf(markdown: string): string {
  return [...markdown.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => code).join("\n");
}

/** What the program says it prints: the comments `// → ...`. */
function promisedOutput(program: string): string[] {
  return [...program.matchAll(/\/\/ → (.*)$/gm)].map(([, text]) => text?.trim() ?? "");
}

const documents = [
  "README.md",
  ...(await readdir(join(root, "docs"))).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`),
];
const programs = (
  await Promise.all(
    documents.map(async (name) => ({ name, program: programOf(await readFile(join(root, name), "utf8")) })),
  )
).filter(({ program }) => program !== "");

/** Inside the project, so that "dynatx" is found as it is from the examples. */
const fileOf = (name: string): string => join(folder, `${name.replaceAll(/\W/g, "-")}.ts`);

describe("the code blocks of the documents", () => {
  /** What documents find in ZOOKEEPER_CONNECT; databases they start themselves. */
  let zookeeper: ZooKeeper;
  beforeAll(async () => {
    zookeeper = await startZooKeeper();
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await Promise.all(programs.map(({ name, program }) => writeFile(fileOf(name), program)));
    const config = {
      extends: "../../tsconfig.json",
      compilerOptions: { paths: { dynatx: ["../../src/index.ts"], "dynatx/*": ["../../src/*/index.ts"] } },
      include: ["*.ts"],
    };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
  });
  afterAll(async () => {
    await zookeeper.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("type-check as they stand", async () => {
    const checked = await run(process.execPath, [
      join(root, "node_modules/typescript/bin/tsc"),
      "--project",
      folder,
    ]).catch((error: { stdout: string }) => error);
    expect(checked.stdout).toBe("");
  });

  it.each(programs)("$name runs and prints what it promises", async ({ name, program }) => {
    const env = { ...process.env, ZOOKEEPER_CONNECT: zookeeper.hosts };
    const options = { cwd: root, env, timeout: 60_000 };
    const { stdout } = await run(process.execPath, ["--import", "tsx", fileOf(name)], options);
    expect(stdout.trimEnd().split("\n")).toEqual(promisedOutput(program));
  });
});

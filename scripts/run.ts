import { spawn } from "node:child_process";
import { root } from "./entries.js";

export interface Finished {
  readonly code: number;
  /** Standard output and standard error, as they came. */
  readonly output: string;
}

/** Runs a program, by default in the top folder, and collects what it prints. The programs of our devDependencies are on the path. */
export function run(command: string, args: readonly string[], cwd = root): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PATH: `${root}node_modules/.bin:${process.env["PATH"] ?? ""}` };
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/** As `run`, for a step that must succeed. */
export async function mustRun(command: string, args: readonly string[], cwd = root): Promise<string> {
  const { code, output } = await run(command, args, cwd);
  if (code !== 0) throw new Error(`${[command, ...args].join(" ")} ended with ${code}\n${output}`);
  return output;
}

import { spawn } from "node:child_process";
import { root } from "./entries.js";

/** A program that hangs is a failure too. */
const timeoutMs = 240_000;

export interface Printed {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program, by default in the top folder, and returns what it printed. The programs of our devDependencies are on
 * its path. Rejects with everything it printed when it does not end well.
 */
export function run(command: string, args: readonly string[], cwd = root): Promise<Printed> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, PATH: `${root}node_modules/.bin:${process.env["PATH"] ?? ""}` };
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"], timeout: timeoutMs });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve({ stdout, stderr });
      else reject(new Error(`${[command, ...args].join(" ")} ended with ${code ?? signal}\n${stdout}${stderr}`));
    });
  });
}

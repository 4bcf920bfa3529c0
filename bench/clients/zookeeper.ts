import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** As Debian's package `libzookeeper-java` installs it. */
const jar = "/usr/share/java/zookeeper.jar";
/** No sync of the log: measured is what requests cost, not what the disk does meanwhile. */
const java = ["-Xmx256m", "-XX:+UseSerialGC", "-Dzookeeper.forceSync=no", "-cp", jar];
const main = "org.apache.zookeeper.server.quorum.QuorumPeerMain";
const startTimeoutMs = 30_000;
const probeMs = 50;

/** One server or several, each in a process of its own, with nobody else as a client. */
export interface ZooKeeper {
  /** Where clients connect: in an ensemble a follower, the same one for all. */
  readonly hosts: string;
  readonly version: string;
  /** How many requests of clients all servers have received. */
  requests(): Promise<number>;
  stop(): Promise<void>;
}

interface Member {
  readonly port: number;
  readonly process: ChildProcess;
  readonly folder: string;
}

/** Throws where ZooKeeper is not installed. */
export async function startZooKeeper(size: number): Promise<ZooKeeper> {
  if (!existsSync(jar))
    throw new Error("to measure on ZooKeeper, install Java 17 and Debian's package libzookeeper-java");
  const ports = await freePorts(size * 3);
  const lines = Array.from(
    { length: size },
    (_, at) => `server.${at + 1}=127.0.0.1:${ports[size + at]}:${ports[size * 2 + at]}`,
  );
  const members = await Promise.all(
    ports.slice(0, size).map((port, at) => startMember(port, at + 1, size === 1 ? [] : lines)),
  );
  try {
    const answers = await Promise.all(members.map(({ port }) => ready(port)));
    const entry = members.find((_, at) => answers[at]?.includes("Mode: follower")) ?? members[0];
    let asked = 0;
    return {
      hosts: `127.0.0.1:${entry?.port}`,
      version: /version: ([\d.]+)/.exec(answers[0] ?? "")?.[1] ?? "of unknown version",
      async requests() {
        asked += members.length; // a server counts the question as well
        const received = await Promise.all(members.map(({ port }) => packetsReceived(port)));
        return received.reduce((sum, packets) => sum + packets, -asked);
      },
      stop: () => stop(members),
    };
  } catch (error) {
    await stop(members);
    throw error;
  }
}

async function startMember(port: number, id: number, lines: readonly string[]): Promise<Member> {
  const folder = await mkdtemp(join(tmpdir(), "zookeeper-"));
  const config = [
    ...["tickTime=2000", "initLimit=10", "syncLimit=10", "maxClientCnxns=0", "admin.enableServer=false"],
    ...["4lw.commands.whitelist=srvr,mntr", `dataDir=${folder}`, `clientPort=${port}`, "clientPortAddress=127.0.0.1"],
  ];
  await writeFile(join(folder, "zoo.cfg"), [...config, ...lines].join("\n"));
  await writeFile(join(folder, "myid"), String(id));
  const args = ["java", ...java, main, join(folder, "zoo.cfg")];
  // Where there is a way, it ends with this process, however that ends.
  const tied = existsSync("/usr/bin/setpriv") ? ["setpriv", "--pdeathsig", "KILL", ...args] : args;
  const process = spawn(tied[0] ?? "", tied.slice(1), { cwd: folder, stdio: "ignore" });
  return { port, process, folder };
}

async function stop(members: readonly Member[]): Promise<void> {
  for (const { process, folder } of members) {
    const exited = once(process, "exit");
    if (process.exitCode === null && process.kill("SIGKILL")) await exited;
    await rm(folder, { recursive: true, force: true });
  }
}

async function ready(port: number): Promise<string> {
  const deadline = performance.now() + startTimeoutMs;
  for (;;) {
    const answer = await ask(port, "srvr");
    if (answer.includes("Mode:")) return answer;
    if (performance.now() > deadline) throw new Error(`no ZooKeeper on port ${port} within ${startTimeoutMs} ms`);
    await sleep(probeMs);
  }
}

async function packetsReceived(port: number): Promise<number> {
  return Number(/zk_packets_received\t(\d+)/.exec(await ask(port, "mntr"))?.[1]);
}

/** What a server answers to one of its four-letter words, nothing if it is not there. */
async function ask(port: number, word: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  socket.on("data", (data) => (answer += data.toString()));
  socket.on("error", () => {}); // then it closes
  socket.end(word);
  await new Promise((resolve) => {
    socket.once("close", resolve);
  });
  return answer;
}

/** All open at the same time, so that no two are the same. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  // The cast: that is what a listening TCP server has.
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}

import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TestServer, ask, ensureServers, freePort, untilAnswer, zookeeperJar } from "./servers.js";

const java = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dzookeeper.forceSync=no"];
const main = "org.apache.zookeeper.server.quorum.QuorumPeerMain";

/** A ZooKeeper server of a test's own. */
export class ZooKeeper extends TestServer {
  /** `host:port`, as clients take it. */
  get hosts(): string {
    return `127.0.0.1:${this.port}`;
  }

  start(): void {
    const args = [...java, "-cp", zookeeperJar, main, join(this.folder, "zoo.cfg")];
    this.run("java", args);
  }

  /** Resolves when it serves: a member of an ensemble, when there is a quorum. */
  async ready(): Promise<void> {
    await untilAnswer(this.port, "srvr", (answer) => answer.includes("Mode:"));
  }

  /** What it counts: `zk_packets_received` and others. */
  async counters(): Promise<ReadonlyMap<string, number>> {
    const lines = (await ask(this.port, "mntr")).split("\n").map((line) => line.split("\t"));
    return new Map(lines.map(([name = "", value]) => [name, Number(value)]));
  }

  async isLeader(): Promise<boolean> {
    return (await ask(this.port, "srvr")).includes("Mode: leader");
  }
}

async function prepare(port: number, lines: readonly string[], id: number): Promise<ZooKeeper> {
  const folder = await mkdtemp(join(tmpdir(), "zookeeper-"));
  const config = [
    ...["tickTime=200", "admin.enableServer=false", "4lw.commands.whitelist=srvr,mntr", "maxClientCnxns=0"],
    ...["minSessionTimeout=400", "initLimit=25", "syncLimit=25", `dataDir=${folder}`, `clientPort=${port}`],
    ...["clientPortAddress=127.0.0.1", ...lines],
  ];
  await writeFile(join(folder, "zoo.cfg"), config.join("\n"));
  await writeFile(join(folder, "myid"), String(id));
  return new ZooKeeper(port, folder);
}

/** Starts a server on a free port, in half a second. */
export async function startZooKeeper(): Promise<ZooKeeper> {
  ensureServers();
  const server = await prepare(await freePort(), [], 1);
  server.start();
  await server.ready();
  return server;
}

/** Starts an ensemble of three. */
export async function startEnsemble(): Promise<readonly ZooKeeper[]> {
  ensureServers();
  const ports = await Promise.all(Array.from({ length: 9 }, freePort));
  const members = [0, 1, 2].map((at) => `server.${at + 1}=127.0.0.1:${ports[at * 3 + 1]}:${ports[at * 3 + 2]}`);
  const servers = await Promise.all([0, 1, 2].map((at) => prepare(ports[at * 3]!, members, at + 1)));
  for (const server of servers) server.start();
  await Promise.all(servers.map((server) => server.ready()));
  return servers;
}

import { randomBytes } from "node:crypto";
import type { Storage } from "dynatx/zktx";
import { ZKStorage } from "dynatx/zookeeper";
import { afterAll, beforeAll, describe } from "vitest";
import { TcpProxy } from "../support/tcp-proxy.js";
import { startZooKeeper } from "../support/zookeeper.js";
import type { ZooKeeper } from "../support/zookeeper.js";
import { storageContract } from "./contract.js";

describe("ZooKeeper", () => {
  let server: ZooKeeper;
  beforeAll(async () => {
    server = await startZooKeeper();
  });
  afterAll(() => server.stop());

  storageContract(async () => {
    const root = `/${randomBytes(6).toString("hex")}`;
    const proxies = new Map<Storage, TcpProxy>();
    const zk = (client: Storage): ZKStorage => client as ZKStorage;
    return {
      async connect() {
        const proxy = await TcpProxy.start(server.port);
        const client = new ZKStorage({ hosts: proxy.hosts, root, sessionTimeout: 3000, connectTimeout: 2000 });
        proxies.set(client, proxy);
        return client;
      },
      crash: (client) => zk(client).client.close(),
      async disconnect(client) {
        const session = await zk(client).client.session();
        proxies.get(client)?.refuse();
        proxies.get(client)?.cut();
        if (!session.lost.aborted) await new Promise((resolve) => session.lost.addEventListener("abort", resolve));
      },
      async close() {
        for (const [client, proxy] of proxies) {
          await zk(client).client.close();
          await proxy.stop();
        }
      },
    };
  });
});

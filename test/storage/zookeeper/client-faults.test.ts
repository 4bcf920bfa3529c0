import { randomBytes } from "node:crypto";
import { ConnectionLoss, NoNodeError, StorageError } from "dynatx/zktx";
import { ZKClient } from "dynatx/zookeeper";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PlainZooKeeper } from "../../support/plain-zookeeper.js";
import { TcpProxy } from "../../support/tcp-proxy.js";
import { startEnsemble, startZooKeeper } from "../../support/zookeeper.js";
import type { ZooKeeper } from "../../support/zookeeper.js";

const sessionTimeout = 1500;

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve());
  });
}

describe("a ZooKeeper client survives", () => {
  let server: ZooKeeper;
  let proxy: TcpProxy;
  let client: ZKClient;
  let path: string;
  beforeAll(async () => {
    server = await startZooKeeper();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    proxy = await TcpProxy.start(server.port);
    client = new ZKClient({ hosts: proxy.hosts, sessionTimeout, connectTimeout: 5000 });
    path = `/${randomBytes(6).toString("hex")}`;
  });
  afterEach(async () => {
    await client.close();
    await proxy.stop();
  });

  it("a server that stops answering: calls on their way end within two thirds of the session's time", async () => {
    const session = await client.session();
    server.pause();
    try {
      const begun = performance.now();
      await expect(session.get("/")).rejects.toThrow(ConnectionLoss);
      expect(performance.now() - begun).toBeLessThan(sessionTimeout);
      expect(session.lost.aborted).toBe(true);
      expect(session.lost.reason).toBeInstanceOf(ConnectionLoss);
    } finally {
      server.resume();
    }
    await (await client.session()).get("/");
  });

  it("a server that accepts a connection and says nothing", async () => {
    proxy.swallowRequests();
    const hasty = new ZKClient({ hosts: proxy.hosts, sessionTimeout: 600, connectTimeout: 300 });
    await expect(hasty.session()).rejects.toThrow(/no connection to ZooKeeper \(127.0.0.1:\d+\) within 300 ms/);
    await hasty.close();
    const waiting = client.session();
    await proxy.nextRequest();
    proxy.swallowRequests(false);
    await (await waiting).get("/");
  });

  it("a server that is killed and comes back: the session goes on, its earlier connection does not", async () => {
    const session = await client.session();
    await session.create(path, Buffer.from("x"), { ephemeral: true });
    await server.kill();
    await aborted(session.lost);
    server.start();
    await server.ready();
    const next = await session.successor;
    expect(next?.id).toBe(session.id);
    expect((await next!.get(path)).data.toString()).toBe("x");
    await expect(session.get(path)).rejects.toThrow(ConnectionLoss);
  });

  it("a connection cut in the middle of an answer", async () => {
    const session = await client.session();
    await session.create(path, Buffer.alloc(200_000, "x"));
    proxy.cutReplyAfter(70);
    await expect(session.get(path)).rejects.toThrow(ConnectionLoss);
    const next = await session.successor;
    expect((await next!.get(path)).data).toHaveLength(200_000);
  });

  it("a short break: the same session, and calls of the earlier connection are not sent", async () => {
    const session = await client.session();
    await session.create(path, Buffer.from("x"));
    proxy.cut();
    await aborted(session.lost);
    const next = await session.successor;
    expect(next?.id).toBe(session.id);
    await expect(session.set(path, Buffer.from("late"), -1)).rejects.toThrow(ConnectionLoss);
    expect((await next!.get(path)).data.toString()).toBe("x");
    expect(client.current).toBe(next);
  });

  it("a break longer than the session: the next call has a new session", async () => {
    const session = await client.session();
    await session.create(path, Buffer.alloc(0), { ephemeral: true });
    proxy.refuse();
    proxy.cut();
    expect(await session.successor).toBeUndefined();
    expect(client.current).toBeUndefined();
    proxy.accept();
    const fresh = await client.session();
    expect(fresh.id).not.toBe(session.id);
    // The server counts in ticks, and may be a little later.
    const gone = new Promise<void>((resolve) => {
      void fresh.exists(path, { onChange: resolve }).then((stat) => stat ?? resolve());
    });
    await gone;
    await expect(fresh.get(path)).rejects.toThrow(NoNodeError);
  });

  it("requests without a connection: they end at once, and nothing of them is sent later", async () => {
    const session = await client.session();
    proxy.refuse();
    proxy.cut();
    await aborted(session.lost);
    await expect(session.create(path, Buffer.alloc(0))).rejects.toThrow(ConnectionLoss);
    proxy.accept();
    const next = await session.successor;
    expect(await next!.exists(path)).toBeUndefined();
  });

  it("an answer that was lost: the call ends, with the request served", async () => {
    const session = await client.session();
    proxy.swallowReplies();
    const lost = session.create(path, Buffer.alloc(0));
    lost.catch(() => {});
    await proxy.nextReply();
    proxy.cut();
    proxy.swallowReplies(false);
    await expect(lost).rejects.toThrow("may or may not have been served");
    const next = await session.successor;
    expect(await next!.exists(path)).toMatchObject({ version: 0 });
  });

  it("an error code that nobody knows", async () => {
    const session = await client.session();
    proxy.patchReply((reply) => {
      reply.writeInt32BE(-999, 16); // length, xid, zxid, and then the code
      return reply;
    });
    const calls = [session.exists(path), session.get("/")];
    await expect(calls[0]).rejects.toThrow(StorageError);
    await calls[1];
    expect(session.lost.aborted).toBe(false);
  });

  it("more requests than the library can count on one connection", async () => {
    const plain = await PlainZooKeeper.connect(proxy.hosts);
    const long = new ZKClient(plain.client);
    const session = await long.session();
    plain.client.connectionManager.xid = 0x7ff0_0001;
    await session.get("/");
    await aborted(session.lost);
    const next = await session.successor;
    await next!.get("/");
    expect(plain.client.connectionManager.xid).toBeLessThan(10);
    await long.close();
    await plain.close();
  });

  it("a request that the server would not take: it is refused here", async () => {
    const session = await client.session();
    await session.create(path, Buffer.alloc(0));
    const large = Buffer.alloc(1_048_500);
    await expect(session.set(path, large, -1)).rejects.toThrow(/takes 104\d+ bytes, and ZooKeeper takes 1048575/);
    const half = Buffer.alloc(600_000);
    const ops = [1, 2].map(() => ({ type: "set", path, data: half, version: -1 }) as const);
    await expect(session.multi(ops)).rejects.toThrow("to 2 nodes at once");
    await session.set(path, half, 0);
    expect(session.lost.aborted).toBe(false);
  });

  it("the end of its client: the session ends, and what was ephemeral is gone at once", async () => {
    const session = await client.session();
    await session.create(path, Buffer.alloc(0), { ephemeral: true });
    const pending = session.get("/");
    pending.catch(() => {});
    await client.close();
    const other = new ZKClient(server.hosts);
    expect(await (await other.session()).exists(path)).toBeUndefined();
    await other.close();
    await expect(client.session()).rejects.toThrow("closed");
    await expect(session.get("/")).rejects.toThrow(ConnectionLoss);
  });
});

describe("a client that was given", () => {
  let server: ZooKeeper;
  beforeAll(async () => {
    server = await startZooKeeper();
  });
  afterAll(() => server.stop());

  it("works on its session, and is left as it was", async () => {
    const plain = await PlainZooKeeper.connect(server.hosts);
    const client = new ZKClient(plain.client);
    const session = await client.session();
    expect(session.id).toBe(plain.client.getSessionId().toString("hex"));
    await session.create("/given", Buffer.from("x"), { ephemeral: true });
    await client.close();
    await expect(session.get("/given")).rejects.toThrow(ConnectionLoss);
    expect(await plain.node("/given")).toMatchObject({ text: "x", ephemeral: true });
    await plain.close();
  });

  it("is left in the middle of an answer without harm to its owner", async () => {
    const plain = await PlainZooKeeper.connect(server.hosts);
    const client = new ZKClient(plain.client);
    await (await client.session()).create("/large", Buffer.alloc(900_000, "x"));
    const reads = Array.from({ length: 10 }, () => plain.node("/large"));
    await reads[0];
    await client.close(); // with answers on their way
    for (const { text } of await Promise.all(reads)) expect(text).toHaveLength(900_000);
    for (let use = 0; use < 12; use++) {
      const again = new ZKClient(plain.client);
      await again.session();
      await again.close();
    }
    expect(plain.client.connectionManager.socket?.listenerCount("data")).toBe(1);
    await plain.close();
  });

  it("is over when its session has expired: a new client is needed", async () => {
    const proxy = await TcpProxy.start(server.port);
    const plain = await PlainZooKeeper.connect(proxy.hosts);
    const client = new ZKClient(plain.client);
    const session = await client.session();
    proxy.refuse();
    proxy.cut();
    await aborted(session.lost);
    const thief = await PlainZooKeeper.takeOver(server.hosts, plain);
    await thief.close(); // and with it, the session
    proxy.accept();
    expect(await session.successor).toBeUndefined();
    await expect(client.session()).rejects.toThrow("make a new client");
    await client.close();
    await proxy.stop();
  });

  it("must not repeat requests by itself", () => {
    const { client } = PlainZooKeeper.repeating(server.hosts);
    expect(() => new ZKClient(client)).toThrow("retries: 0");
    expect(() => new ZKClient({} as never)).toThrow("give hosts");
  });
});

describe("a ZooKeeper client of an ensemble", () => {
  it("goes on with the same session when the leader is lost", async () => {
    const servers = await startEnsemble();
    const hosts = servers.map((server) => server.hosts).join(",");
    const client = new ZKClient({ hosts, sessionTimeout: 5000 });
    try {
      let session = await client.session();
      await session.create("/kept", Buffer.from("x"), { ephemeral: true });
      const leaders = await Promise.all(servers.map((server) => server.isLeader()));
      await servers[leaders.indexOf(true)]!.kill();
      const { id } = session;
      await aborted(session.lost); // followers drop their clients while they elect
      session = await client.session();
      expect(session.id).toBe(id);
      expect((await session.get("/kept")).data.toString()).toBe("x");
      await session.set("/kept", Buffer.from("y"), 0);
    } finally {
      await client.close();
      await Promise.all(servers.map((server) => server.stop()));
    }
  });
});

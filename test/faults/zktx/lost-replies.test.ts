import { randomBytes } from "node:crypto";
import { CommitError, ConnectionLoss, StorageTransaction, runTx } from "dynatx/zktx";
import { ZKStorage } from "dynatx/zookeeper";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { TcpProxy } from "../../support/tcp-proxy.js";
import { startZooKeeper } from "../../support/zookeeper.js";
import type { ZooKeeper } from "../../support/zookeeper.js";

const sessionTimeout = 1200;

describe("S60: a commit whose reply is lost", { timeout: 60_000 }, () => {
  let server: ZooKeeper;
  let proxy: TcpProxy;
  /** Behind the proxy. */
  let storage: ZKStorage;
  /** Somebody else's. */
  let other: ZKStorage;
  let tx: StorageTransaction;

  beforeAll(async () => {
    server = await startZooKeeper();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    const root = `/${randomBytes(6).toString("hex")}`;
    proxy = await TcpProxy.start(server.port);
    storage = new ZKStorage({ hosts: proxy.hosts, root, sessionTimeout });
    other = new ZKStorage({ hosts: server.hosts, root });
    tx = new StorageTransaction(storage, { timeout: 30_000 });
    await write("m", 0); // makes the folders: a commit that misses one is sent twice
  });
  afterEach(async () => {
    await storage.close();
    await other.close();
    await proxy.stop();
  });

  async function put(where: StorageTransaction, key: string, value: unknown): Promise<void> {
    const record = await where.lockGet(key);
    record.v = value;
    await where.set(record);
  }

  async function write(key: string, value: unknown): Promise<void> {
    await runTx(other, async (tx) => {
      await put(tx, key, value);
      await tx.commit();
    });
  }

  async function begin(state?: unknown): Promise<void> {
    await tx.begin();
    await put(tx, "n", 1);
    if (state !== undefined) await tx.setState(state);
  }

  function cut(): void {
    proxy.refuse();
    proxy.cut();
    proxy.swallowReplies(false);
    proxy.swallowRequests(false);
  }

  /** Commits; the store applies it, and the connection breaks. */
  async function commitUnheard(): Promise<readonly [end: Promise<void>]> {
    proxy.swallowReplies();
    const end = tx.commit();
    end.catch(() => {}); // looked at later
    await other.waitDead(tx.txid ?? 0);
    cut();
    return [end];
  }

  /** Commits; nothing reaches the store, and the connection breaks. */
  async function commitInVain(): Promise<readonly [end: Promise<void>]> {
    proxy.swallowRequests();
    const end = tx.commit();
    end.catch(() => {}); // looked at later
    await proxy.nextRequest();
    cut();
    return [end];
  }

  /** Resolves when the session is over, by the server's word and by the client's. */
  async function sessionOver(session: { readonly successor: Promise<unknown> }): Promise<void> {
    await other.waitDead(tx.txid ?? 0);
    expect(await session.successor).toBeUndefined();
  }

  it("connected again in time, it finds out: COMMITTED", async () => {
    await begin();
    const [end] = await commitUnheard();
    proxy.accept();
    await end;
    expect(tx.status).toBe("COMMITTED");
    expect(await other.getLatest("n")).toEqual([1, 0]);
  });

  it("connected again in time, and nothing had arrived: not committed, and nothing is left", async () => {
    await begin();
    const [end] = await commitInVain();
    proxy.accept();
    await expect(end).rejects.toThrow(ConnectionLoss);
    await tx.close();
    expect(tx.status).toBe("PURGED");
    await write("n", 2);
    expect(await other.getLatest("n")).toEqual([2, 0]);
  });

  it("connected again in time, nothing had arrived, and its state is saved: it can be gone on with", async () => {
    await begin({ step: 1 });
    const [end] = await commitInVain();
    proxy.accept();
    await expect(end).rejects.toThrow(ConnectionLoss);
    await tx.close();
    expect(tx.status).toBe("PAUSED");
    const [status] = await runTx(other, (heir) => heir.commit(), { txid: tx.txid });
    expect(status).toBe("COMMITTED");
    expect(await other.getLatest("n")).toEqual([1, 0]);
  });

  it("S56: sent after its mark of life has gone, by who has not noticed: refused", async () => {
    await begin();
    const session = await storage.client.session();
    const multi = vi.spyOn(session, "multi").mockImplementationOnce(async (ops) => {
      await session.delete(ops[0]!.path, -1); // as the server does when the session ends
      await write("n", "other");
      return session.multi(ops);
    });
    await expect(tx.commit()).rejects.toThrow(CommitError);
    expect(multi).toHaveBeenCalled();
    expect(await other.getLatest("n")).toEqual(["other", 0]);
    await tx.close();
  });

  it("its session over, and nothing had arrived: what is left tells so", async () => {
    await begin({ step: 1 });
    const session = await storage.client.session();
    const [end] = await commitInVain();
    await sessionOver(session);
    proxy.accept();
    await expect(end).rejects.toThrow(ConnectionLoss);
    await tx.close();
    expect(tx.status).toBe("PAUSED");
  });

  it("its session over, and others came after it: UNKNOWN, though the record is at the version that was read", async () => {
    await begin();
    const session = await storage.client.session();
    const [end] = await commitUnheard();
    await write("n", null); // deleted, as before the commit
    await sessionOver(session);
    proxy.accept();
    await expect(end).rejects.toThrow(ConnectionLoss);
    expect(tx.status).toBe("UNKNOWN");
  });

  it("its session over, and another went on with it and gave it up: UNKNOWN, though its state is gone", async () => {
    await begin({ step: 1 });
    const session = await storage.client.session();
    const [end] = await commitInVain();
    await sessionOver(session);
    const [status] = await runTx(other, (heir) => heir.abort(), { txid: tx.txid });
    expect(status).toBe("PURGED");
    proxy.accept();
    await expect(end).rejects.toThrow(ConnectionLoss);
    expect(tx.status).toBe("UNKNOWN");
    expect(await other.getLatest("n")).toEqual([null, -1]);
  });
});

import { randomBytes } from "node:crypto";
import { CommitError, ConnectionLoss, StorageTransaction, runTx } from "dynatx/zktx";
import { ZKStorage } from "dynatx/zookeeper";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { TcpProxy } from "../../support/tcp-proxy.js";
import { startZooKeeper } from "../../support/zookeeper.js";
import type { ZooKeeper } from "../../support/zookeeper.js";

const sessionTimeout = 1500;

describe("S60: a commit whose answer is lost", () => {
  let server: ZooKeeper;
  let proxy: TcpProxy;
  /** By way of the proxy. */
  let storage: ZKStorage;
  /** Directly. */
  let other: ZKStorage;
  beforeAll(async () => {
    server = await startZooKeeper();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    proxy = await TcpProxy.start(server.port);
    const root = `/${randomBytes(6).toString("hex")}`;
    storage = new ZKStorage({ hosts: proxy.hosts, root, sessionTimeout });
    other = new ZKStorage({ hosts: server.hosts, root });
    await runTx(other, async (tx) => {
      await tx.lockGet("bar");
      await tx.set({ k: "bar", v: 1 }); // so that all folders are there
      await tx.commit();
    });
  });
  afterEach(async () => {
    await storage.close();
    await other.close();
    await proxy.stop();
  });

  async function prepared(state?: unknown): Promise<StorageTransaction> {
    const tx = await new StorageTransaction(storage, { timeout: 20_000 }).begin();
    const record = await tx.lockGet("foo");
    record.v = 1;
    await tx.set(record);
    if (state !== undefined) await tx.setState(state);
    return tx;
  }

  /** Commits; the request or its answer gets lost, and the connection breaks; it `comesBack` while the session lives. */
  async function commitLosing(tx: StorageTransaction, what: "request" | "reply", comesBack: boolean): Promise<void> {
    if (what === "request") proxy.swallowRequests();
    else proxy.swallowReplies();
    const happened = what === "request" ? proxy.nextRequest() : proxy.nextReply();
    const commit = tx.commit();
    commit.catch(() => {}); // reported below
    await happened;
    if (!comesBack) proxy.refuse();
    proxy.cut();
    proxy.swallowRequests(false);
    proxy.swallowReplies(false);
    return commit;
  }

  /** Lets clients in again once the server has ended the session that had the transaction's mark. */
  async function afterExpiry(tx: StorageTransaction): Promise<void> {
    await other.waitDead(tx.txid!);
    await vi.waitUntil(() => storage.client.current === undefined);
    setTimeout(() => proxy.accept(), sessionTimeout); // past the client's own patience
  }

  it("was applied, and the session lives: COMMITTED", async () => {
    const tx = await prepared();
    await commitLosing(tx, "reply", true);
    expect(tx.status).toBe("COMMITTED");
    expect((await other.getLatest("foo"))[0]).toBe(1);
    await runTx(storage, async (next) => {
      expect((await next.lockGet("foo")).v).toBe(1);
      await next.commit({ force: true });
    });
    const [{ COMMITTED }] = await other.journalIdSet.get();
    expect(COMMITTED.toJSON()).toEqual([[0, 3]]); // a journal that was not recorded is covered by the next one
  });

  it("never arrived, and the session lives: a ConnectionLoss that says so, and nothing can come later", async () => {
    const tx = await prepared();
    await expect(commitLosing(tx, "request", true)).rejects.toThrow("was not committed");
    await tx.close();
    expect(tx.status).toBe("PURGED");
    expect(await other.isAlive(tx.txid!)).toBe(false);
    expect((await other.getLatest("foo"))[0]).toBeNull();
    await runTx(other, (next) => next.lockGet("foo")); // the lock of the dead is broken
  });

  it("never arrived, with state: it can be gone on with", async () => {
    const tx = await prepared("half");
    await expect(commitLosing(tx, "request", true)).rejects.toThrow(ConnectionLoss);
    await tx.close();
    expect(tx.status).toBe("PAUSED");
    const [status] = await runTx(other, (heir) => heir.commit(), { txid: tx.txid! });
    expect(status).toBe("COMMITTED");
    expect((await other.getLatest("foo"))[0]).toBe(1);
  });

  it("was applied, and the session is gone: others may have gone on with it and given it up, so UNKNOWN", async () => {
    const tx = await prepared("half");
    const commit = commitLosing(tx, "reply", false);
    commit.catch(() => {}); // awaited below
    await afterExpiry(tx);
    await expect(commit).rejects.toThrow("may or may not have been committed");
    expect(tx.status).toBe("UNKNOWN");
  });

  it("never arrived, and the session is gone: its state, that is there still, tells", async () => {
    const tx = await prepared("half");
    const commit = commitLosing(tx, "request", false);
    commit.catch(() => {}); // awaited below
    await afterExpiry(tx);
    await expect(commit).rejects.toThrow("was not committed");
    await tx.close();
    expect(tx.status).toBe("PAUSED");
  });

  it("never arrived, and the session is gone: its lock, that is there still, tells", async () => {
    const tx = await prepared();
    const commit = commitLosing(tx, "request", false);
    commit.catch(() => {}); // awaited below
    await afterExpiry(tx);
    await expect(commit).rejects.toThrow("was not committed");
    await tx.close();
    expect(tx.status).toBe("PURGED");
  });

  it.each(["request", "reply"] as const)(
    "the session is gone, and others changed the record since (lost: the %s): UNKNOWN",
    async (what) => {
      const tx = await prepared();
      const commit = commitLosing(tx, what, false);
      commit.catch(() => {}); // awaited below
      await other.waitDead(tx.txid!);
      await runTx(other, async (next) => {
        const record = await next.lockGet("foo");
        record.v = 1; // what it would have written as well
        await next.set(record);
        await next.commit();
      });
      await afterExpiry(tx);
      await expect(commit).rejects.toThrow("may or may not have been committed");
      expect(tx.status).toBe("UNKNOWN");
    },
  );

  it("the session's zombie cannot commit: what it sends late is refused by the server", async () => {
    const tx = await prepared();
    const session = await storage.client.session();
    // The session ends on the server; here nobody has noticed yet.
    const commit = vi.spyOn(session, "multi").mockImplementationOnce(async (ops) => {
      const mark = `${storage.client.config.root}/tx/alive/${String(tx.txid).padStart(10, "0")}`;
      await session.delete(mark, -1);
      await runTx(other, async (next) => {
        const record = await next.lockGet("foo");
        record.v = "other";
        await next.set(record);
        await next.commit();
      });
      return session.multi(ops);
    });
    await expect(tx.commit()).rejects.toThrow(CommitError);
    expect(commit).toHaveBeenCalled();
    expect((await other.getLatest("foo"))[0]).toBe("other");
    await tx.close();
  });
});

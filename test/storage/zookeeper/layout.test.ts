import { createHash } from "node:crypto";
import { ValidationError } from "dynatx";
import { BadVersionError, ConnectionLoss, NoNodeError, StorageError, StorageTransaction, runTx } from "dynatx/zktx";
import { ZKKeyValue, ZKStorage, ZKTransaction, ZKValue } from "dynatx/zookeeper";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { PlainZooKeeper } from "../../support/plain-zookeeper.js";
import { startZooKeeper } from "../../support/zookeeper.js";
import type { ZooKeeper } from "../../support/zookeeper.js";

describe("the layout on ZooKeeper, byte for byte", () => {
  let server: ZooKeeper;
  let plain: PlainZooKeeper;
  let storage: ZKStorage;
  beforeAll(async () => {
    server = await startZooKeeper();
    plain = await PlainZooKeeper.connect(server.hosts);
  });
  afterAll(async () => {
    await plain.close();
    await server.stop();
  });
  let runs = 0;
  let root = "";
  beforeEach(() => {
    root = `/run${++runs}`;
    storage = new ZKStorage({ hosts: server.hosts, root });
  });
  afterEach(() => storage.close());

  const text = async (path: string): Promise<string> => (await plain.node(root + path)).text;

  it("S1, S3, S4: the txid is the version of txid_maker, and the mark of life an ephemeral node", async () => {
    const tx = await new StorageTransaction(storage).begin();
    expect(await plain.node(`${root}/tx/txid_maker`)).toEqual({ text: "x", version: 1, ephemeral: false });
    const mark = await plain.node(`${root}/tx/alive/0000000001`);
    expect(mark).toMatchObject({ version: 0, ephemeral: true });
    expect(mark.text).toMatch(/^\{"id": "[^"]+-\d+-[0-9a-f]{32}", "val": null\}$/);
    const owned = await new StorageTransaction(storage, { zkOwner: "me" }).begin();
    expect(await text("/tx/alive/0000000002")).toMatch(/^\{"id": "[^"]+", "val": \{"zk_owner": "me"\}\}$/);
    await tx.close();
    await owned.close();
    expect(await plain.children(`${root}/tx/alive`)).toEqual([]);
  });

  it("S9, S28: a lock is a persistent node with the txid, and with what was set", async () => {
    const tx = await new StorageTransaction(storage).begin();
    const record = await tx.lockGet("meta/server/s1");
    const path = `${root}/lock/meta/server/s1`;
    expect(await plain.node(path)).toEqual({ text: '{"id": 1, "val": null}', version: 0, ephemeral: false });
    record.v = { n: 2 };
    await tx.set(record);
    const set = '{"k": "meta/server/s1", "version": -1, "values": [null], "v": {"n": 2}}';
    expect(await plain.node(path)).toMatchObject({ text: `{"id": 1, "val": ${set}}`, version: 1 });
    await tx.close();
    await expect(plain.node(path)).rejects.toThrow();
  });

  it("S32, S46, S50, S61: state, records, journals and their ids", async () => {
    await runTx(storage, async (tx) => {
      const [one, two] = await tx.lockGetAll(["meta/server/s1", "meta/server/s2"]);
      one.v = { name: "我", n: 1 };
      two.v = [1, "x"];
      await Promise.all([tx.set(one), tx.set(two)]);
      await tx.setState({ step: 1 });
      const state = await text("/tx/state/0000000001");
      expect(state).toMatch(
        /^\{"got_keys": \["meta\/server\/s1", "meta\/server\/s2"\], "start_ts": \d+\.?\d*, "data": \{"step": 1\}\}$/,
      );
      await tx.commit();
    });
    expect(await plain.node(`${root}/record/meta/server/s1`)).toMatchObject({
      text: '[null, {"name": "我", "n": 1}]',
      version: 0,
    });
    expect(await plain.children(`${root}/tx/journal`)).toEqual(["journal_id0000000000"]);
    const journal = '{"meta/server/s1": {"name": "我", "n": 1}, "meta/server/s2": [1, "x"]}';
    expect(await text("/tx/journal/journal_id0000000000")).toBe(journal);
    expect(await text("/tx/journal_id_set")).toBe('{"PURGED": [], "COMMITTED": [[0, 1]]}');
    expect(await plain.children(`${root}/tx/state`)).toEqual([]);
    expect(await plain.children(`${root}/lock/meta/server`)).toEqual([]);
  });

  it("what the original has prepared is taken as it is", async () => {
    for (const path of ["", "/tx", "/tx/alive", "/tx/journal", "/tx/state", "/lock", "/record", "/record/meta"]) {
      await plain.create(root + path, "{}");
    }
    await plain.create(`${root}/tx/txid_maker`, "{}");
    await plain.create(`${root}/tx/journal_id_set`, "{}");
    await plain.create(`${root}/record/meta/a`, '["x",   {"n":1}]');
    await plain.create(`${root}/lock/b`, '{"id": 99, "val": null}'); // of a transaction long dead
    const [status, txid] = await runTx(storage, async (tx) => {
      const a = await tx.lockGet("meta/a");
      expect(a).toMatchObject({ v: { n: 1 }, values: ["x", { n: 1 }], version: 0 });
      a.v.n += 1;
      await tx.set(a);
      await tx.lockGet("b");
      await tx.commit();
    });
    expect([status, txid]).toEqual(["COMMITTED", 1]);
    expect(await text("/record/meta/a")).toBe('[{"n": 1}, {"n": 2}]');
    expect(await text("/tx/journal_id_set")).toBe('{"PURGED": [], "COMMITTED": [[0, 1]]}');
  });

  it("what a process of the original has left is gone on with", async () => {
    const start = Date.now() / 1000;
    const set = '{"k": "a", "version": -1, "values": [null], "v": 5}';
    for (const path of ["", "/tx", "/tx/state", "/lock"]) await plain.create(root + path, "");
    await plain.create(`${root}/tx/state/0000000007`, `{"got_keys": ["a"], "start_ts": ${start}, "data": "half"}`);
    await plain.create(`${root}/lock/a`, '{"id": 7, "val": null}');
    await plain.set(`${root}/lock/a`, `{"id": 7, "val": ${set}}`);
    const tx = await new StorageTransaction(storage, { txid: 7 }).begin();
    expect(await tx.getState()).toBe("half");
    await tx.commit();
    expect(await text("/record/a")).toBe("[null, 5]");
  });

  it("S59: the configured permissions are on every node", async () => {
    const user = { user: "ann", password: "secret" };
    const acl = [
      { ...user, permissions: "cdrwa" },
      { user: "bob", password: "other", permissions: "r" },
    ];
    const own = new ZKStorage({ hosts: server.hosts, root, auth: user, acl });
    const digest = (name: string): string =>
      `${name.split(":")[0]}:${createHash("sha1").update(name).digest("base64")}`;
    const expected = [`digest:${digest("ann:secret")}=31`, `digest:${digest("bob:other")}=1`];
    const ann = await PlainZooKeeper.connect(server.hosts, "ann:secret");
    try {
      const tx = await new StorageTransaction(own).begin();
      const record = await tx.lockGet("meta/a");
      record.v = 1;
      await tx.set(record);
      await tx.setState(1);
      for (const path of ["/tx/alive/0000000001", "/lock/meta/a", "/tx/state/0000000001", "/lock/meta"]) {
        expect(await ann.acl(root + path), path).toEqual(expected);
      }
      await tx.commit();
      for (const path of ["/record/meta/a", "/tx/journal/journal_id0000000000", "/tx/journal_id_set"]) {
        expect(await ann.acl(root + path), path).toEqual(expected);
      }
      await expect(storage.record.get("meta/a")).rejects.toThrow(StorageError); // not for everybody
    } finally {
      await ann.close();
      await own.close();
    }
  });

  it.each(["a//b", "/a", "a/", "a/../b", ".", "a\u0000", "\u{1F600}"])("%j is no key", async (key) => {
    const tx = await new StorageTransaction(storage).begin();
    await expect(tx.lockGet(key)).rejects.toThrow(ValidationError);
    await tx.close();
  });

  it("a key that is the folder of others cannot be locked, and says so", async () => {
    const tx = await new StorageTransaction(storage).begin();
    await tx.lockGet("a/b");
    await expect(tx.lockGet("a")).rejects.toThrow("folder of other keys");
    await tx.close();
  });

  it("a record whose lock became a folder of other keys: the commit says so, and nobody waits for the transaction", async () => {
    const tx = await new StorageTransaction(storage).begin();
    const a = await tx.lockGet("a");
    a.v = 1;
    await tx.set(a);
    const other = await new StorageTransaction(storage).begin();
    await other.lockGet("a/b");
    await expect(tx.commit()).rejects.toThrow("no key may be the folder of others");
    await tx.close();
    expect(await storage.isAlive(tx.txid!)).toBe(false);
    await other.close();
  });

  it("closing a storage ends its transactions' marks of life, whoever made the client", async () => {
    const watching = new ZKStorage({ hosts: server.hosts, root });
    const own = new ZKStorage({ hosts: server.hosts, root });
    const shared = new ZKStorage(watching.client);
    for (const each of [own, shared]) {
      const tx = await new StorageTransaction(each).begin();
      await tx.lockGet(`key${tx.txid}`);
      await each.close();
      await watching.waitDead(tx.txid!);
      await expect(tx.lockGet("more")).rejects.toThrow(ConnectionLoss);
      await tx.close();
    }
    await watching.close();
  });

  it("S76: accessors of nodes of one's own: path, load, dump, and what to read where there is none", async () => {
    const numbers = new ZKKeyValue<number>(storage.client, {
      getPath: (key) => `numbers/${key}`,
      load: (text) => Number(text.slice(1, -1)),
      dump: (value) => `<${value}>`,
      nonodeCallback: () => [0, -1],
    });
    expect(await numbers.get("a")).toEqual([0, -1]);
    expect(await numbers.create("a", 7)).toBe(0);
    expect(await text("/numbers/a")).toBe("<7>");
    expect(await numbers.set("a", 8, 0)).toBe(1);
    expect(await numbers.get("a")).toEqual([8, 1]);
    await expect(numbers.delete("a", 0)).rejects.toThrow(BadVersionError);
    const plain = new ZKKeyValue(storage.client);
    expect(await plain.get(`${root}/numbers/a`)).toEqual(["<8>", 1]);
    await expect(plain.get(`${root}/nothing`)).rejects.toThrow(NoNodeError);
    const one = new ZKValue(storage.client, { getPath: () => "one" });
    await one.setOrCreate("x");
    expect([one, await one.get()]).toEqual([one, ["x", 0]]);
    await one.safeDelete();
    await one.safeDelete();
  });

  it("S16: while one breaks a dead lock, no other can, and so takes none that is somebody's by then", async () => {
    const dying = new ZKStorage({ hosts: server.hosts, root });
    const dead = await new StorageTransaction(dying).begin();
    await dead.lockGet("foo");
    await dying.client.close();
    const other = new ZKStorage({ hosts: server.hosts, root });
    const session = await storage.client.session();
    const stop = new AbortController();
    let taken: boolean | undefined;
    vi.spyOn(session, "multi").mockImplementationOnce(async (ops) => {
      await other.breakLock("foo", dead.txid!);
      const lock = await other.tryLock(99, "foo", stop.signal);
      if (!lock.held) lock.changed.catch(() => {});
      taken = lock.held;
      return session.multi(ops);
    });
    await storage.breakLock("foo", dead.txid!);
    expect(taken).toBe(false);
    stop.abort();
    expect((await other.tryLock(99, "foo", new AbortController().signal)).held).toBe(true);
    await other.close();
  });

  it("a ZKTransaction closes the client that it made", async () => {
    const tx = new ZKTransaction({ hosts: server.hosts, root });
    await tx.run(async () => {
      const record = await tx.lockGet("a");
      record.v = 1;
      await tx.set(record);
      await tx.commit();
    });
    expect(tx.status).toBe("COMMITTED");
    await expect(tx.storage.isAlive(1)).rejects.toThrow("closed");
    const again = await new ZKTransaction({ hosts: server.hosts, root }).begin();
    await again.commit();
    await expect(again.storage.isAlive(1)).rejects.toThrow("closed");
    await expect(storage.journal.get(7)).rejects.toThrow(NoNodeError);
  });
});

import { BadVersionError, NodeExistsError, NoNodeError } from "dynatx/zktx";
import { ZKClient } from "dynatx/zookeeper";
import { changed, newAccount } from "../contestant.js";
import type { Account, Contestant, Opened } from "../contestant.js";

type Session = Awaited<ReturnType<ZKClient["session"]>>;
type Ops = Parameters<Session["multi"]>[0];

/** A key that it holds: its record as it was read, and the version of the lock. */
interface Held {
  readonly key: string;
  readonly version: number;
  readonly account: Account;
  readonly lockVersion: number;
}

/**
 * The protocol of locks, journals and marks of life as the original zktx was measured at it: 9 requests for a transaction and 9 for
 * each key, each one sent when the one before has its answer. Who finds a lock taken looks at it, waits for it to
 * change, looks again when it was set, and tries again when it is gone. Keys are locked in their order, so no two wait for each other.
 */
class OneByOne implements Opened {
  readonly #client: ZKClient;
  readonly #session: Session;
  readonly #root: string;

  private constructor(client: ZKClient, session: Session, root: string) {
    this.#client = client;
    this.#session = session;
    this.#root = root;
  }

  static async open(hosts: string, root: string): Promise<OneByOne> {
    const client = new ZKClient(hosts);
    const session = await client.session();
    for (const folder of ["tx/alive", "tx/state", "tx/journal", "lock", "record"]) {
      await session.mkdirp(`${root}/${folder}`);
    }
    await session.create(`${root}/tx/txid_maker`, Buffer.from("x"));
    await session.create(`${root}/tx/journal_id_set`, json({ PURGED: [], COMMITTED: [] }));
    return new OneByOne(client, session, root);
  }

  async create(keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.#session.create(`${this.#root}/record/${key}`, json([null, newAccount]));
  }

  async read(key: string): Promise<Account> {
    const { data } = await this.#session.get(`${this.#root}/record/${key}`);
    return lastOf(data);
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  async commit(_worker: number, keys: readonly string[]): Promise<void> {
    const session = this.#session;
    const txid = (await session.set(`${this.#root}/tx/txid_maker`, Buffer.from("x"), -1)).version;
    const alive = `${this.#root}/tx/alive/${padded(txid)}`;
    await session.create(alive, json({ id: String(txid), val: null }), { ephemeral: true });
    await session.get(alive);
    await session.exists(`${this.#root}/tx/state/${padded(txid)}`); // nothing to go on with
    const held: Held[] = [];
    for (const key of keys.toSorted()) held.push(await this.#lock(txid, key, keys.indexOf(key)));
    for (const each of held) await this.#check(each);
    await session.get(alive);
    const journal = numberAtEnd((await session.multi(this.#ops(alive, held))).at(-1)?.path);
    for (const { key } of held) await session.exists(`${this.#root}/lock/${key}`); // it is gone
    await this.#journalled(journal);
    await session.delete(alive, -1);
  }

  /** Takes a lock, reads what is under it, and keeps the change in it. */
  async #lock(txid: number, key: string, at: number): Promise<Held> {
    const session = this.#session;
    const path = `${this.#root}/lock/${key}`;
    while (!(await this.#tryLock(txid, path))) await this.#freed(path);
    await session.get(path);
    await session.exists(`${this.#root}/tx/alive/${padded(txid)}`);
    const { data, stat } = await session.get(`${this.#root}/record/${key}`);
    const account = changed(lastOf(data), at);
    const { version: lockVersion } = await session.set(path, json({ id: txid, val: { k: key, v: account } }), 0);
    return { key, version: stat.version, account, lockVersion };
  }

  async #tryLock(txid: number, path: string): Promise<boolean> {
    try {
      await this.#session.create(path, json({ id: txid, val: null }));
      return true;
    } catch (error) {
      if (error instanceof NodeExistsError) return false;
      throw error;
    }
  }

  /** Resolves when somebody else's lock is likely to be gone. */
  async #freed(path: string): Promise<void> {
    for (let wasSet = false; !wasSet;) {
      let onChange = (): void => {};
      const event = new Promise<void>((resolve) => {
        onChange = resolve;
      });
      try {
        // Its holder changes a lock once. What comes next is its end.
        wasSet = (await this.#session.get(path, { onChange })).stat.version > 0;
      } catch (error) {
        if (error instanceof NoNodeError) return;
        throw error;
      }
      await event;
    }
  }

  /** Looks once more whether everything is as it was left. */
  async #check({ key }: Held): Promise<void> {
    await this.#session.get(`${this.#root}/lock/${key}`);
    await this.#session.exists(`${this.#root}/lock/${key}`);
    await this.#session.get(`${this.#root}/record/${key}`);
  }

  #ops(alive: string, held: readonly Held[]): Ops {
    const journal = Object.fromEntries(held.map(({ key, account }) => [key, account]));
    return [
      { type: "check", path: alive, version: 0 },
      ...held.flatMap(({ key, version, account, lockVersion }): Ops => [
        { type: "set", path: `${this.#root}/record/${key}`, data: json([null, account]), version },
        { type: "delete", path: `${this.#root}/lock/${key}`, version: lockVersion },
      ]),
      { type: "create", path: `${this.#root}/tx/journal/journal_id`, data: json(journal), sequential: true },
    ];
  }

  async #journalled(id: number): Promise<void> {
    const path = `${this.#root}/tx/journal_id_set`;
    for (;;) {
      const { data, stat } = await this.#session.get(path);
      // True: every set of ids is made here.
      const ids = JSON.parse(data.toString()) as { COMMITTED: [number, number][] };
      const end = Math.max(id + 1, ids.COMMITTED[0]?.[1] ?? 0);
      try {
        await this.#session.set(path, json({ PURGED: [], COMMITTED: [[0, end]] }), stat.version);
        return;
      } catch (error) {
        if (!(error instanceof BadVersionError)) throw error;
      }
    }
  }
}

function json(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** The newest value of a record. */
function lastOf(data: Buffer): Account {
  // True: every record is made here.
  const values = JSON.parse(data.toString()) as readonly (Account | null)[];
  return values.at(-1) ?? newAccount;
}

function padded(id: number): string {
  return String(id).padStart(10, "0");
}

function numberAtEnd(path = ""): number {
  return Number(path.slice(-10));
}

export const oneByOne: Contestant = {
  name: "one by one",
  does: "by hand, as the original zktx was measured: 9N + 9 requests, one after the other; those who wait all look again at every change; one session for all workers",
  open: (hosts, root) => OneByOne.open(hosts, root),
};

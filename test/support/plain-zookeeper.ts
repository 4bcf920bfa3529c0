import { rawLibrary } from "../../src/storage/zookeeper/raw-client.js";
import type { RawClient } from "../../src/storage/zookeeper/raw-client.js";

/** What the library has besides. */
interface Client extends RawClient {
  getSessionPassword(): Buffer;
  getACL(path: string, callback: (error: Error | null, acls: Acl[]) => void): void;
}

interface Acl {
  readonly permission: number;
  readonly id: { readonly scheme: string; readonly id: string };
}

const open = rawLibrary.ACL.OPEN_ACL_UNSAFE;
const state = { disconnected: 0, connected: 3 };

/** What a node holds, read by a client that knows nothing of this library. */
export interface Node {
  readonly text: string;
  readonly version: number;
  readonly ephemeral: boolean;
}

/** A plain client, as another program would use it. */
export class PlainZooKeeper {
  readonly client: Client;

  private constructor(client: Client) {
    this.client = client;
  }

  static async connect(hosts: string, user?: string): Promise<PlainZooKeeper> {
    return PlainZooKeeper.#open(hosts, {}, user);
  }

  /** Takes over the session of another client. */
  static async takeOver(hosts: string, { client }: PlainZooKeeper): Promise<PlainZooKeeper> {
    const session = { sessionId: client.getSessionId(), sessionPassword: client.getSessionPassword() };
    return PlainZooKeeper.#open(hosts, session);
  }

  /** One that is not connected, and would send requests again after a loss. */
  static repeating(hosts: string): PlainZooKeeper {
    const options = { sessionTimeout: 4000, spinDelay: 100, retries: 3 };
    return new PlainZooKeeper(rawLibrary.createClient(hosts, options) as Client);
  }

  static async #open(hosts: string, session: object, user?: string): Promise<PlainZooKeeper> {
    const options = { sessionTimeout: 4000, spinDelay: 100, retries: 0, ...session };
    const client = rawLibrary.createClient(hosts, options) as Client;
    if (user !== undefined) client.addAuthInfo("digest", Buffer.from(user));
    const plain = new PlainZooKeeper(client);
    const isConnected = plain.#state(state.connected);
    client.connect();
    await isConnected;
    return plain;
  }

  #state(awaited: number): Promise<void> {
    return new Promise<void>((resolve) => {
      this.client.on("state", ({ code }) => code === awaited && resolve());
    });
  }

  node(path: string): Promise<Node> {
    return new Promise((resolve, reject) => {
      this.client.getData(path, undefined, (error, data, stat) => {
        if (error) reject(error);
        else
          resolve({
            text: data?.toString() ?? "",
            version: stat.version,
            ephemeral: stat.ephemeralOwner.some((byte) => byte !== 0),
          });
      });
    });
  }

  create(path: string, text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.client.create(path, Buffer.from(text), open, 0, (error) => (error ? reject(error) : resolve()));
    });
  }

  set(path: string, text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.client.setData(path, Buffer.from(text), -1, (error) => (error ? reject(error) : resolve()));
    });
  }

  remove(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.client.remove(path, -1, (error) => (error ? reject(error) : resolve()));
    });
  }

  children(path: string): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      this.client.getChildren(path, undefined, (error, names) => (error ? reject(error) : resolve(names)));
    });
  }

  /** Who may do what: `digest:user:...` and the permissions' bits. */
  acl(path: string): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      this.client.getACL(path, (error, acls) => {
        if (error) reject(error);
        else resolve(acls.map(({ id, permission }) => `${id.scheme}:${id.id}=${permission}`));
      });
    });
  }

  /** Ends the session, and resolves when it has. */
  async close(): Promise<void> {
    const ended = this.#state(state.disconnected);
    this.client.close();
    await ended;
  }
}

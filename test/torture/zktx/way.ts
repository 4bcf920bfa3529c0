import { setTimeout as delay } from "node:timers/promises";
import { TcpProxy } from "../../support/tcp-proxy.js";

/** What may befall a crew's way to the servers. */
export const wayFaults = ["cut", "requests lost", "replies lost", "unreachable"] as const;
export type WayFault = (typeof wayFaults)[number];

/** The way of one crew to all servers. */
export class Way {
  readonly #proxies: readonly TcpProxy[];

  private constructor(proxies: readonly TcpProxy[]) {
    this.#proxies = proxies;
  }

  static async to(ports: readonly number[]): Promise<Way> {
    return new Way(await Promise.all(ports.map((port) => TcpProxy.start(port))));
  }

  get hosts(): string {
    return this.#proxies.map(({ hosts }) => hosts).join(",");
  }

  /** For so long; a connection that has lost something is never heard of again. */
  async suffer(fault: WayFault, ms: number): Promise<void> {
    if (fault === "unreachable") this.#each((proxy) => proxy.refuse());
    if (fault === "requests lost") this.#each((proxy) => proxy.swallowRequests());
    if (fault === "replies lost") this.#each((proxy) => proxy.swallowReplies());
    if (fault !== "cut" && fault !== "unreachable") await delay(ms);
    this.#each((proxy) => proxy.cut());
    if (fault === "unreachable") await delay(ms);
    this.heal();
  }

  heal(): void {
    this.#each((proxy) => {
      proxy.swallowRequests(false);
      proxy.swallowReplies(false);
      proxy.accept();
    });
  }

  /** Sends, and breaks the connection when the answer is on its way, for `ms` milliseconds. */
  async unheard<T>(send: () => Promise<T>, ms: number): Promise<T> {
    this.#each((proxy) => proxy.swallowReplies());
    const answered = this.#proxies.map((proxy) => proxy.nextReply());
    const sent = send();
    await Promise.race([...answered, sent.catch(() => {})]);
    void this.suffer(ms > 0 ? "unreachable" : "cut", ms);
    return sent;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#proxies.map((proxy) => proxy.stop()));
  }

  #each(act: (proxy: TcpProxy) => void): void {
    for (const proxy of this.#proxies) act(proxy);
  }
}

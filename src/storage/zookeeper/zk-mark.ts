import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { ConnectionLoss, NoNodeError } from "../../base/tx-errors.js";
import type { AliveMark } from "../types.js";
import { decoded, encoded } from "./zk-layout.js";
import type { ZKSession } from "./zk-session.js";

/** What came of a mark whose connection was lost: deleted now, absent already, or nobody can tell. */
export type Fence = "deleted" | "absent" | "unknown";

/** The version of a mark's node: it is never changed. */
export const markVersion = 0;

/** What a mark's node holds, told apart from every other mark. */
function markContent(owner: string | undefined): Buffer {
  const id = `${hostname()}-${process.pid}-${randomUUID().replaceAll("-", "")}`;
  return encoded({ id, val: owner === undefined ? null : { zk_owner: owner } });
}

export interface ZKMarkOptions {
  /** Told in the node. */
  readonly owner?: string | undefined;
  /** Ends the mark's life with its client. */
  readonly closed?: AbortSignal | undefined;
  /** Told when it is over. */
  readonly onEnd?: ((mark: ZKMark) => void) | undefined;
}

/**
 * A mark of life on ZooKeeper: an ephemeral node of one session. When the session's connection breaks, the mark is lost
 * for its transaction, though the node may live on: then it is deleted as soon as the session is connected again, which
 * also proves that nothing which depends on it can be applied any more.
 */
export class ZKMark implements AliveMark {
  readonly txid: number;
  readonly session: ZKSession;
  readonly path: string;
  readonly lost: AbortSignal;
  readonly #content: Buffer;
  readonly #onLost = (): void => void this.fence();
  readonly #onEnd: ((mark: ZKMark) => void) | undefined;
  #ended = false;
  #fence: Promise<Fence> | undefined;

  constructor(txid: number, path: string, session: ZKSession, { owner, closed, onEnd }: ZKMarkOptions = {}) {
    this.txid = txid;
    this.path = path;
    this.session = session;
    this.#content = markContent(owner);
    this.#onEnd = onEnd;
    this.lost = AbortSignal.any(closed ? [session.lost, closed] : [session.lost]);
    this.lost.addEventListener("abort", this.#onLost);
  }

  /** Creates the node. Rejects with `NodeExistsError` where another mark is. */
  async create(): Promise<void> {
    try {
      await this.session.create(this.path, this.#content, { ephemeral: true });
    } catch (error) {
      if (!(error instanceof ConnectionLoss)) this.ended();
      throw error;
    }
  }

  /** Takes note that the node is gone. */
  ended(): void {
    this.#ended = true;
    this.lost.removeEventListener("abort", this.#onLost);
    this.#onEnd?.(this);
  }

  async release(): Promise<void> {
    if (this.#ended) return;
    if (this.lost.aborted) return void this.fence();
    try {
      await this.session.delete(this.path, markVersion);
    } catch (error) {
      if (!(error instanceof NoNodeError)) throw error;
    }
    this.ended();
  }

  /** Deletes what is left of it, once the session is connected again. Does not reject. */
  fence(): Promise<Fence> {
    this.#fence ??= this.#deleteLater().finally(() => this.ended());
    return this.#fence;
  }

  async #deleteLater(): Promise<Fence> {
    let sure = true;
    // Closing its storage ends a mark while the session goes on.
    let session = this.session.lost.aborted ? await this.session.successor : this.session;
    while (session !== undefined) {
      try {
        if (await this.#delete(session)) return "deleted";
        return sure ? "absent" : "unknown";
      } catch (error) {
        if (!(error instanceof ConnectionLoss)) return "unknown";
        sure = false; // it may have been deleted just now
        session = await session.successor;
      }
    }
    return "unknown";
  }

  /** Deletes the node by another connection of its own session. Resolves with whether it was there. */
  async #delete(session: ZKSession): Promise<boolean> {
    try {
      const { data } = await session.get(this.path);
      if (!this.#isOwn(data)) return false;
      await session.delete(this.path, markVersion);
      return true;
    } catch (error) {
      if (error instanceof NoNodeError) return false;
      throw error;
    }
  }

  /** Resolves when the node is gone, as another session sees it: nothing that needs it can be applied from then on. */
  async gone(session: ZKSession): Promise<void> {
    for (;;) {
      let onChange = (): void => {};
      const event = new Promise<void>((resolve) => {
        onChange = resolve;
      });
      try {
        const { data } = await session.get(this.path, { onChange });
        if (!this.#isOwn(data)) return;
      } catch (error) {
        if (error instanceof NoNodeError) return;
        throw error;
      }
      await event;
    }
  }

  #isOwn(data: Buffer): boolean {
    return decoded(data, this.path)?.id === decoded(this.#content, this.path).id;
  }
}

import { CommitError, NoNodeError, isConflict } from "../../base/tx-errors.js";
import type { Batch, Outcome } from "../types.js";
import { encoded, numberAtEnd, parentOf } from "./zk-layout.js";
import type { ZKLayout } from "./zk-layout.js";
import type { ZKLocks } from "./zk-locks.js";
import { ZKMark, markVersion } from "./zk-mark.js";
import type { ZKOp, ZKResult, ZKSession } from "./zk-session.js";

/** A batch as one multi of ZooKeeper, on the session of its mark of life and no other. */
export class ZKBatch {
  readonly #layout: ZKLayout;
  readonly #batch: Batch;
  readonly #mark: ZKMark;

  constructor(layout: ZKLayout, batch: Batch) {
    if (!(batch.alive instanceof ZKMark)) throw new CommitError("the mark of life is not one of this storage");
    this.#layout = layout;
    this.#batch = batch;
    this.#mark = batch.alive;
  }

  /** Sends it. Resolves with the journal's id; rejects with `CommitError` when it is refused, `ConnectionLoss` when in doubt. */
  async send(): Promise<number | undefined> {
    const ops = this.#ops();
    const results = await this.#multi(ops);
    if (this.#batch.last) this.#mark.ended();
    const journal = results.at(-1)?.path;
    return this.#batch.journal && journal !== undefined ? numberAtEnd(journal) : undefined;
  }

  async #multi(ops: readonly ZKOp[]): Promise<readonly ZKResult[]> {
    // Each creation may miss its parent once.
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#mark.session.multi(ops);
      } catch (error) {
        const missing = attempt < ops.length ? missingParent(error, ops) : undefined;
        if (missing === undefined) throw this.#refused(error);
        await this.#mark.session.mkdirp(missing);
      }
    }
  }

  #ops(): readonly ZKOp[] {
    const { records, reads, locks, stateVersion, journal, last } = this.#batch;
    const { txid, path } = this.#mark;
    const ops: ZKOp[] = [{ type: last ? "delete" : "check", path, version: markVersion }];
    for (const { key, version, values } of records) {
      const record = this.#layout.record(key);
      if (values === undefined) ops.push({ type: "delete", path: record, version });
      else if (version === -1) ops.push({ type: "create", path: record, data: encoded(values) });
      else ops.push({ type: "set", path: record, data: encoded(values), version });
    }
    for (const { key, version } of reads) ops.push(...unchanged(this.#layout.record(key), version));
    if (stateVersion !== undefined) ops.push({ type: "delete", path: this.#layout.state(txid), version: stateVersion });
    for (const { key, version } of locks) ops.push({ type: "delete", path: this.#layout.lock(key), version });
    const newJournal = this.#layout.newJournal;
    if (journal) ops.push({ type: "create", path: newJournal, data: encoded(journal), sequential: true });
    return ops;
  }

  #refused(error: unknown): unknown {
    if (!isConflict(error)) return error;
    const { txid } = this.#mark;
    const reason = `${error.path ?? "something"} is not as the transaction left it`;
    return new CommitError(`transaction ${txid} was refused: ${reason}; nothing was applied`, { txid, cause: error });
  }

  /**
   * What became of it, its answer lost. On the same session, the mark tells: the batch would have taken it away. Where
   * the session is gone as well, a lock or the state that the batch would have taken away tells, if it is still there.
   * Otherwise nobody can tell: others may have broken the locks of a dead transaction, or have gone on with its state,
   * and a record at the version that was read may be another one, made anew. Without its mark of life, the batch cannot be
   * applied any more, however late it may arrive.
   */
  async outcome(locks: ZKLocks, later: () => Promise<ZKSession>): Promise<Outcome> {
    const fence = await this.#mark.fence();
    if (fence === "deleted") return "refused";
    if (fence === "absent") return "applied";
    const session = await later();
    await this.#mark.gone(session);
    return (await this.#isLeft(locks, session)) ? "refused" : "unknown";
  }

  /** Whether something is left that the batch would have taken away. With state, its locks may be those of who goes on. */
  async #isLeft(locks: ZKLocks, session: ZKSession): Promise<boolean> {
    const { txid } = this.#mark;
    const { stateVersion, locks: held } = this.#batch;
    if (stateVersion !== undefined) return (await session.exists(this.#layout.state(txid))) !== undefined;
    const holders = await Promise.all(held.map(({ key }) => locks.holder(session, key)));
    return holders.includes(txid);
  }
}

/** That a node is at a version. That it is absent, a multi checks by making it and taking it away. */
function unchanged(path: string, version: number): readonly ZKOp[] {
  if (version !== -1) return [{ type: "check", path, version }];
  return [
    { type: "create", path, data: Buffer.alloc(0) },
    { type: "delete", path, version: 0 },
  ];
}

/** The missing parent of a node that was to be created, if that is what is wrong. */
function missingParent(error: unknown, ops: readonly ZKOp[]): string | undefined {
  if (!(error instanceof NoNodeError) || error.index === undefined) return undefined;
  const op = ops[error.index];
  return op?.type === "create" ? parentOf(op.path) : undefined;
}

import { allParallel } from "../../../base/parallel.js";
import type { Connection } from "../../../dynamodb/connection.js";
import type { ManifestPages } from "../../../dynamodb/transaction-record.js";
import { manifestText } from "../../../intents/manifest.js";
import { cut, pageName, pieceName } from "../../../intents/parts.js";
import type { Participant } from "./participant.js";

/** A longer manifest is kept in pages, written before the commit, which is to stay one small request. */
const maxInlineBytes = 64 * 1024;
const parallelParts = 8;

/** What a transaction keeps beside its record: pages of its manifest, pieces of large changes. */
export class TransactionParts {
  readonly #participants: readonly Participant[];
  readonly #connection: Connection;
  /** The manifest itself, or where its pages are: what the commit tells. */
  manifest: string | ManifestPages = "";
  readonly #pages: string[] = [];
  #generation = 0;

  constructor(participants: readonly Participant[], connection: Connection) {
    this.#participants = participants;
    this.#connection = connection;
  }

  /** Makes the manifest, and keeps its pages when it is a long one. */
  async keep(transaction: string): Promise<void> {
    const text = manifestText(await Promise.all(this.#participants.map((each) => this.#entry(each))));
    if (Buffer.byteLength(text) <= maxInlineBytes) {
      this.manifest = text;
      return;
    }
    const pages = cut(text);
    const { coordinator } = this.#connection;
    const generation = ++this.#generation;
    const names = pages.map((_, page) => pageName(transaction, generation, page));
    this.#pages.push(...names);
    await allParallel(pages, parallelParts, (bytes, page) => coordinator.keepPart(names[page] ?? "", bytes));
    this.manifest = { generation, count: pages.length };
  }

  /** Another endpoint is named by its own coordinator; it learns whose transaction is in flight there. */
  async #entry({ place }: Participant): Promise<Parameters<typeof manifestText>[0][number]> {
    const { connection, table, key } = place;
    if (connection.coordinator === this.#connection.coordinator) return { table, key, endpoint: undefined };
    connection.addCoordinator(this.#connection);
    this.#connection.addCoordinator(connection);
    return { table, key, endpoint: await connection.coordinator.identity() };
  }

  /** Keeps what does not fit into an item together with its old state; before its intent, which refers to it. */
  async keepPieces(transaction: string, { index, pieces }: Participant): Promise<void> {
    const { coordinator } = this.#connection;
    await allParallel(pieces, parallelParts, (bytes, piece) =>
      coordinator.keepPart(pieceName(transaction, index, piece), bytes),
    );
  }

  /** Removes all of them, once nobody needs them. Never rejects: what is left is garbage that `recover` removes. */
  async drop(transaction: string): Promise<void> {
    const names = [...this.#pages];
    for (const { index, pieces } of this.#participants)
      names.push(...pieces.map((_, piece) => pieceName(transaction, index, piece)));
    try {
      await allParallel(names, parallelParts, (name) => this.#connection.coordinator.dropPart(name));
    } catch {
      // Nobody refers to them any more.
    }
  }
}

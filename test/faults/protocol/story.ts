import { AsyncLocalStorage } from "node:async_hooks";
import { Connection, atomic, systemClock, transact } from "dynatx";
import type { TransactionContext } from "dynatx";
import { checkBank, checkHistory, HistoryRecorder } from "dynatx/testing";
import type { Anomaly, HistoryReport } from "dynatx/testing";
import type { ProtocolRule } from "../../../src/dynamodb/protocol-hooks.js";
import type { Database, Kind } from "../../support/databases.js";
import { rawTable } from "../../support/raw-table.js";
import type { RawTable } from "../../support/raw-table.js";
import { unique } from "../../transaction/bank.js";
import { Log, Player } from "./player.js";
import type { PlayerOptions, Stage } from "./player.js";

/** An order of events in which a rule of the protocol keeps something from happening that must not happen. */
export interface Story {
  readonly rule: ProtocolRule;
  /** What goes wrong without the rule. */
  readonly tells: string;
  /** What shows that it went wrong. */
  readonly anomaly: Anomaly["kind"];
  /** Default: the embedded database. */
  readonly kind?: Kind;
  /** The sum of all lists, where it is snapshots that are checked. */
  readonly total?: number;
  readonly play: (scene: Scene) => Promise<void>;
}

/** Where one run of a story takes place: items of its own, and who takes part. */
export class Scene {
  readonly #stage: Stage;
  readonly #players: Player[] = [];
  /** Runs what belongs to no transaction, though it is called inside one. */
  readonly #outside = AsyncLocalStorage.snapshot();
  readonly #ids = new Map<string, string>();
  /** Of whom sets the scene: before everybody else's. */
  readonly #first: Connection;

  constructor(database: Database, without: ReadonlySet<ProtocolRule>) {
    const { client, tablePrefix } = database.connection;
    this.#first = new Connection({ client, tablePrefix, clock: { ...systemClock, now: () => 0 } });
    let last = 0;
    this.#stage = {
      database,
      without,
      recorder: new HistoryRecorder(),
      idOf: (key) => {
        const id = this.#ids.get(key) ?? unique();
        this.#ids.set(key, id);
        return id;
      },
      value: () => ++last,
    };
  }

  get database(): Database {
    return this.#stage.database;
  }

  /** The hash key of the item that the story calls so. */
  id(key: string): string {
    return this.#stage.idOf(key);
  }

  async player(options: PlayerOptions = {}): Promise<Player> {
    const player = await Player.enter(`p${this.#players.length}`, this.#stage, options);
    this.#players.push(player);
    return player;
  }

  /** Makes all these items at once as they are to be, without recording it: lists by key, `null` for none. */
  async given(lists: Readonly<Record<string, readonly number[] | null>>): Promise<void> {
    const Bound = Log.on(this.#first);
    const work = async (tx: TransactionContext): Promise<void> => {
      for (const [key, values] of Object.entries(lists)) {
        const log = await tx.find(Bound, this.id(key));
        if (values !== null) tx.put(Object.assign(log ?? new Bound({ id: this.id(key) }), { values: [...values] }));
        else if (log !== undefined) tx.delete(log);
      }
    };
    const options = { connection: this.#first, backend: atomic({ apply: "await" }) };
    await this.#outside(() => transact(work, options));
  }

  /** The items as another program sees them. */
  get raw(): RawTable {
    return rawTable(this.database.connection, "logs");
  }

  /** Everybody ends what they have begun; then all that is stored is read. */
  async end(): Promise<void> {
    for (const player of this.#players) await player.leave();
    const reader = await this.player();
    for (const key of this.#ids.keys()) await reader.read(key);
    await reader.leave();
  }

  report(total: number | undefined): HistoryReport {
    const history = this.#stage.recorder.history();
    return total === undefined ? checkHistory(history) : checkBank(history, { total });
  }
}

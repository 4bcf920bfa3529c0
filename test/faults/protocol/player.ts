import { Connection, DynamoDBModel, append, atomic, recover, systemClock, transact } from "dynatx";
import type { AtomicBackend, TransactionContext } from "dynatx";
import { startFaultProxy } from "dynatx/testing";
import type { FaultProxy, FaultProxyOptions, HistoryRecorder, OperationRecorder } from "dynatx/testing";
import { z } from "zod";
import type { ProtocolRule, ProtocolStep } from "../../../src/dynamodb/protocol-hooks.js";
import { flightsOf } from "../../../src/intents/flights.js";
import { clientOf } from "../../support/databases.js";
import type { Database } from "../../support/databases.js";
import { Stop, gate } from "../../support/stop.js";
import { quick } from "../ground.js";
import type { Around } from "./deeds.js";

export class Log extends DynamoDBModel.define({
  table: "logs",
  hashKey: "id",
  schema: z.object({ id: z.string(), values: z.array(z.number()).default(() => []), note: z.string().optional() }),
}) {}

export interface PlayerOptions {
  /** The step at which it stops for the first time; `stops` tells, `go` lets it go on. */
  readonly stopAt?: ProtocolStep;
  /** Its transactions come before everybody else's. */
  readonly senior?: boolean;
  readonly around?: Around;
  /** What becomes of its requests on the way. */
  readonly plan?: FaultProxyOptions["plan"];
  /** The table of its coordinator, where it has one of its own. */
  readonly coordinator?: string;
}

export interface Change {
  /** What is read besides. */
  readonly sees?: readonly string[];
  readonly appends?: readonly string[];
  readonly deletes?: readonly string[];
  readonly backend?: AtomicBackend;
  /** How many at the most. Default: 100. */
  readonly attempts?: number;
}

/** What players have in common. */
export interface Stage {
  readonly database: Database;
  readonly recorder: HistoryRecorder;
  readonly without: ReadonlySet<ProtocolRule>;
  readonly idOf: (key: string) => string;
  /** A value that nobody has appended yet. */
  readonly value: () => number;
}

/** One process of a story. What it does is recorded, and how it failed is in the history: nothing here rejects. */
export class Player {
  readonly name: string;
  readonly connection: Connection;
  readonly proxy: FaultProxy | undefined;
  readonly #stage: Stage;
  readonly #stop: Stop;
  readonly #waiting = gate();

  private constructor(name: string, stage: Stage, options: PlayerOptions, proxy: FaultProxy | undefined) {
    this.name = name;
    this.proxy = proxy;
    this.#stage = stage;
    const { stopAt, senior = false, around, coordinator = "dynatx" } = options;
    this.#stop = new Stop(stopAt);
    const client = clientOf((proxy ?? stage.database).endpoint);
    if (around !== undefined) addAround(client, around);
    this.connection = new Connection({
      client,
      tablePrefix: stage.database.connection.tablePrefix,
      hooks: { ...this.#stop.hooks, without: stage.without },
      // Whose own record is elsewhere, may take that of anybody there for dead.
      coordinator: { table: coordinator, ...(coordinator !== "dynatx" && { leaseMs: 200 }) },
      conflictBackoff: quick,
      sendBackoff: quick,
      ...(senior && { clock: { ...systemClock, now: () => 1 } }),
    });
    this.connection.on("wait", () => this.#waiting.open());
  }

  static async enter(name: string, stage: Stage, options: PlayerOptions): Promise<Player> {
    const { plan } = options;
    return new Player(name, stage, options, plan && (await startFaultProxy(stage.database, { plan })));
  }

  get Log(): typeof Log {
    return Log.on(this.connection);
  }

  /** Resolves when it has stopped, or when what it does has ended without. */
  async stops(deed: Promise<unknown>): Promise<void> {
    await this.#stop.reached(deed);
  }

  /** As `stops`, or when it waits for somebody else. */
  async stopsOrWaits(deed: Promise<unknown>): Promise<void> {
    await Promise.race([this.#waiting.opened, this.#stop.reached(deed)]);
  }

  go(): void {
    this.#stop.go();
  }

  /** Resolves when no item of its commits is in flight any more. */
  async landed(): Promise<void> {
    await flightsOf(this.connection.coordinator).settled();
  }

  /** What it has sent and is late arrives now. */
  async arrives(): Promise<void> {
    await this.proxy?.deliverNow();
  }

  /** One transaction. */
  async change({ sees = [], appends = [], deletes = [], ...how }: Change): Promise<void> {
    const values = appends.map((key) => [key, this.#stage.value()] as const);
    await this.#transact(how, async (tx, op) => {
      for (const key of sees) op.read(key, (await tx.find(this.Log, this.#id(key)))?.values ?? null);
      for (const [key, value] of values) {
        const log = await tx.find(this.Log, this.#id(key));
        op.read(key, log?.values ?? null);
        op.append(key, value);
        if (log === undefined) tx.put(new this.Log({ id: this.#id(key), values: [value] }));
        else log.values.push(value);
      }
      for (const key of deletes) {
        const log = await tx.get(this.Log, this.#id(key));
        op.read(key, log.values);
        op.delete(key);
        tx.delete(log);
      }
    });
  }

  /** One transaction that sees the sums of some lists at one time. `between`: before it reads a key, the first time. */
  async look(keys: readonly string[], between: (key: string) => Promise<void> | false = () => false): Promise<void> {
    let first = true;
    await this.#transact({}, async (tx, op) => {
      const sums: Record<string, number> = {};
      for (const key of keys) {
        if (first) await between(key);
        const { values = [] } = (await tx.find(this.Log, this.#id(key))) ?? {};
        sums[key] = values.reduce((sum, value) => sum + value, 0);
      }
      first = false;
      op.snapshot(sums);
    });
  }

  /** A plain read and save. */
  async save(key: string): Promise<void> {
    const value = this.#stage.value();
    await this.#record(async (op) => {
      const log = (await this.Log.find(this.#id(key))) ?? new this.Log({ id: this.#id(key) });
      op.read(key, log.values);
      op.append(key, value);
      log.values.push(value);
      await log.save({ raiseOnConflict: true });
    });
  }

  /** A plain update without a read. */
  async update(key: string): Promise<void> {
    const value = this.#stage.value();
    await this.#record(async (op) => {
      op.append(key, value);
      await this.Log.update(this.#id(key), { values: append(value) });
    });
  }

  async delete(key: string): Promise<void> {
    await this.#record(async (op) => {
      const log = await this.Log.get(this.#id(key));
      op.read(key, log.values);
      op.delete(key);
      await log.delete({ raiseOnConflict: true });
    });
  }

  async read(key: string): Promise<void> {
    await this.#record(async (op) => op.read(key, (await this.Log.find(this.#id(key)))?.values ?? null));
  }

  /** Settles what it can, and forgets all that is committed. */
  async recover(): Promise<void> {
    await recover(this.connection, { keepCommittedMs: 0 });
  }

  async leave(): Promise<void> {
    this.go();
    await this.landed();
    this.connection.client.destroy();
    await this.proxy?.stop();
  }

  #id(key: string): string {
    return this.#stage.idOf(key);
  }

  #transact(
    { backend = atomic({ path: "intents" }), attempts }: Pick<Change, "backend" | "attempts">,
    work: (tx: TransactionContext, op: OperationRecorder) => Promise<void>,
  ): Promise<void> {
    const { connection } = this;
    return this.#record((op) =>
      transact(
        (tx) => {
          op.restart();
          return work(tx, op);
        },
        { connection, backend, maxRetries: attempts ?? 100 },
      ),
    );
  }

  async #record(work: (op: OperationRecorder) => Promise<void>): Promise<void> {
    await this.#stage.recorder.operation(this.name, work).catch(() => {});
  }
}

function addAround(client: ReturnType<typeof clientOf>, around: Around): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const results: Awaited<ReturnType<typeof next>>[] = [];
        // True: the input of a command is the JSON of its request, but for bytes.
        const sent = {
          operation: commandName?.replace("Command", "") ?? "",
          body: args.input as Record<string, unknown>,
        };
        await around(sent, async () => void results.push(await next(args)));
        const [result] = results;
        if (result === undefined) throw new Error("the request was not sent"); // `around` must call `next`
        return result;
      },
    { step: "initialize", name: "around" },
  );
}

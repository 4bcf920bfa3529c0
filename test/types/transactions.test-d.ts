import { DynamoDBModel, TargetNotFoundError, Transaction, ge, eq, sequential, transactor } from "dynatx";
import type { Backend, CommitOptions, Query, SaveOptions, Status, TransactionInstance } from "dynatx";
import { expectTypeOf } from "expect-type";
import { z } from "zod";
import { Account, Ship, Transfer } from "./models.js";

class Player extends DynamoDBModel.define({
  table: "players",
  hashKey: "name",
  schema: z.object({ name: z.string(), energy: z.number() }),
}) {
  spend(energy: number): void {
    this.energy -= energy;
  }
}
const definition = {
  table: "operations",
  hashKey: "by",
  schema: z.object({ by: z.string(), cost: z.number().default(1), memo: z.string().optional() }),
} as const;

/** The setter's target is what the getter brings, without what it may also bring. */
export function transactors(cached: Account | undefined): void {
  transactor(Account.at("a"), (account) => expectTypeOf(account).toEqualTypeOf<Account>());
  transactor(
    () => Account.get("a"),
    (account) => expectTypeOf(account).toEqualTypeOf<Account>(),
  );
  transactor(
    async () => Account.find("a"),
    async (account) => expectTypeOf(account).toEqualTypeOf<Account>(),
  );
  transactor(
    async () => (await Player.find("x")) ?? new Player({ name: "x", energy: 1 }),
    (player) => expectTypeOf(player).toEqualTypeOf<Player>(),
  );
  transactor(
    () => cached,
    (account) => expectTypeOf(account).toEqualTypeOf<Account>(),
  );
  transactor(
    () => Ship.query("red").first(),
    (ship) => expectTypeOf(ship).toEqualTypeOf<Ship>(),
  );
  transactor(
    async () => {
      if (cached === undefined) throw new TargetNotFoundError("no account a");
      return cached;
    },
    (account) => expectTypeOf(account).toEqualTypeOf<Account>(),
  );
  // @ts-expect-error -- accounts have no such method
  transactor(Account.at("a"), (account) => account.spend(1));
  // @ts-expect-error -- the setter takes another model
  transactor(Account.at("a"), (ship: Ship) => ship.load());
  // @ts-expect-error -- a setter is needed
  transactor(Account.at("a"));
  // @ts-expect-error -- no instance of a model
  transactor(() => new Date(), String);
}

export function hooks(): object[] {
  class Single extends Transaction.define(definition) {
    #before = 0;
    override async setup() {
      this.#before = (await Player.get(this.by)).energy;
    }
    override getTarget() {
      return Player.get(this.by);
    }
    override alterTarget(player: Player) {
      player.spend(this.cost + this.#before);
    }
  }
  class Creating extends Transaction.define(definition) {
    override setup() {
      this.subtransactions.push(new Single({ by: this.by }), new Transfer({ requesterId: "x", from: "a", amount: 1 }));
    }
    override getTarget() {
      return new Player({ name: this.by, energy: 5 });
    }
    override async alterTarget(player: Player) {
      await Promise.resolve(player.spend(1));
    }
    override async applySubtransactions() {
      await super.applySubtransactions();
    }
    override async save(options?: SaveOptions) {
      await super.save({ signal: options?.signal });
    }
    override async commit(options?: CommitOptions) {
      return super.commit(options);
    }
  }
  class Several extends Transaction.define(definition) {
    override transient = true;
    override subtransactions = [new Single({ by: "x" }), new Creating({ by: "x" })];
    override async transactors() {
      const first = await Player.get(this.by);
      return [
        transactor(Player.at(first.name), (player) => player.spend(this.cost)),
        transactor(Account.at("a"), (account) => account.withdraw(1)),
      ];
    }
  }
  class WithConstructor extends Transaction.define(definition) {
    constructor(by: string) {
      super({ by });
      this.subtransactions = [new Several({ by })];
    }
    override transactors() {
      return [];
    }
  }
  return [new Single({ by: "x" }), new Creating({ by: "x" }), new Several({ by: "x" }), new WithConstructor("x")];
}

export class WrongHooks extends Transaction.define(definition) {
  // @ts-expect-error -- getters are not transactors
  override transactors() {
    return [Account.at("a")];
  }
  // @ts-expect-error -- setup takes nothing
  override setup(now: Date) {
    this.memo = now.toISOString();
  }
  // @ts-expect-error -- no such hook
  override setups() {}
  // @ts-expect-error -- a number is no target
  override getTarget() {
    return 5;
  }
  // @ts-expect-error -- it is waited for
  override applySubtransactions() {}
  // @ts-expect-error -- a player is no transaction
  override subtransactions = [new Player({ name: "x", energy: 1 })];
}

export class Policies extends Transaction.define(definition) {
  static override backend: Backend = sequential();
  static override transient = true;
  static override maxRetries = 5;
  static override writeAhead = true;
  static override statusesToSave = new Set(["done"]);
  static override combine = { setterTimeoutMs: 100 };
}
// The compiler reports a static side where the class is named.
// @ts-expect-error -- a backend
export class WrongBackend extends Transaction.define(definition) {
  static override backend = "sequential";
}
// @ts-expect-error -- a number
export class WrongRetries extends Transaction.define(definition) {
  static override maxRetries = "5";
}
// @ts-expect-error -- a boolean
export class WrongTransient extends Transaction.define(definition) {
  static override transient = 1;
}
// @ts-expect-error -- a boolean
export class WrongWriteAhead extends Transaction.define(definition) {
  static override writeAhead = "yes";
}
// @ts-expect-error -- a set
export class WrongStatuses extends Transaction.define(definition) {
  static override statusesToSave = ["done"];
}

export async function rows(transfer: Transfer): Promise<void> {
  expectTypeOf(transfer.status).toEqualTypeOf<Status>();
  expectTypeOf(transfer.datetime).toEqualTypeOf<string>();
  expectTypeOf(transfer.memo).toEqualTypeOf<string | undefined>();
  expectTypeOf(await Transfer.get("ann", "2026")).toEqualTypeOf<Transfer>();
  expectTypeOf(Transfer.unfinished({ olderThan: 1000 })).toEqualTypeOf<Query<Transfer>>();
  Transfer.query("ann", { range: ge("2026"), filter: { status: eq("running") } });
  // @ts-expect-error -- an age is needed
  Transfer.unfinished({});
  // @ts-expect-error -- no such status
  Transfer.query("ann", { filter: { status: eq("open") } });
  // @ts-expect-error -- given by the library
  new Transfer({ requesterId: "ann", from: "a", amount: 1, datetime: "2026" });
  // @ts-expect-error -- given by the library
  new Transfer({ requesterId: "ann", from: "a", amount: 1, status: "done" });
}

export async function commit(transfer: Transfer, signal: AbortSignal): Promise<void> {
  expectTypeOf(await transfer.commit()).toEqualTypeOf<Transfer>();
  await transfer.commit({ backend: sequential(), signal });
  await transfer.commit({ combine: false });
  await transfer.commit({ combine: { setterTimeoutMs: 100 } });
  // @ts-expect-error -- a number of milliseconds
  await transfer.commit({ combine: { setterTimeoutMs: "1s" } });
  // @ts-expect-error -- a backend
  await transfer.commit({ backend: "sequential" });
  // @ts-expect-error -- no such option
  await transfer.commit({ retries: 1 });
  const any: Transaction[] = [transfer];
  const interfaces: TransactionInstance[] = any;
  transfer.subtransactions = any;
  for (const one of interfaces) await one.commit();
  // @ts-expect-error -- abstract
  new Transaction();
}

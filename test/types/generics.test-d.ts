import { DynamoDBModel, Transaction } from "dynatx";
import type { AnyModelClass, ClassOf, Connection, ModelInstance, TransactionInstance } from "dynatx";
import { expectTypeOf } from "expect-type";
import { z } from "zod";
import { Account, Ship, Transfer } from "./models.js";

/** Functions over any model. */
declare function firstOf<M>(model: AnyModelClass & ClassOf<M>): Promise<M>;
declare function load<M, K extends readonly unknown[]>(model: AnyModelClass<K> & ClassOf<M>, ...key: K): Promise<M>;
declare function saveAll(instances: readonly ModelInstance[]): Promise<void>;
declare function saveModels(instances: readonly DynamoDBModel[]): Promise<void>;
declare function commitAll(transactions: readonly Transaction[]): Promise<void>;
declare function commitInterfaces(transactions: readonly TransactionInstance[]): Promise<void>;
/** A port of the user's own that a model class fits. */
interface Accounts {
  get(id: string): Promise<Account>;
}

export async function functions(account: Account, ship: Ship, transfer: Transfer): Promise<void> {
  expectTypeOf(await firstOf(Account)).toEqualTypeOf<Account>();
  expectTypeOf(await firstOf(Transfer)).toEqualTypeOf<Transfer>();
  expectTypeOf(await load(Account, "a")).toEqualTypeOf<Account>();
  expectTypeOf(await load(Ship, "red", new Date())).toEqualTypeOf<Ship>();
  expectTypeOf(Account).toExtend<Accounts>();
  expectTypeOf(Ship).not.toExtend<Accounts>();
  await saveAll([account, ship, transfer]);
  await saveModels([account, ship, transfer]);
  await commitAll([transfer]);
  await commitInterfaces([transfer]);
  const models: AnyModelClass[] = [Account, Ship, Transfer];
  for (const model of [...models, ...Object.values({ Account, Ship })]) await firstOf(model as typeof Account);
  // @ts-expect-error -- no model
  await firstOf(Date);
  // @ts-expect-error -- a string
  await load(Account, 5);
  // @ts-expect-error -- two keys
  await load(Ship, "red");
  // @ts-expect-error -- no instances of models
  await saveAll([new Date()]);
  // @ts-expect-error -- an account cannot be committed
  await commitAll([account]);
}

/** `instanceof` tells models from other things, transactions from models, and one model from another. */
export function narrowing(any: unknown, value: Account | Date, model: Account | Transfer, two: Account | Ship): void {
  if (any instanceof DynamoDBModel) expectTypeOf(any.save()).toEqualTypeOf<Promise<void>>();
  if (any instanceof Account) expectTypeOf(any.balance).toEqualTypeOf<number>();
  if (value instanceof DynamoDBModel) expectTypeOf(value).toEqualTypeOf<Account>();
  else expectTypeOf(value).toEqualTypeOf<Date>();
  if (model instanceof Transaction) expectTypeOf(model).toEqualTypeOf<Transfer>();
  else expectTypeOf(model).toEqualTypeOf<Account>();
  if (two instanceof Account) expectTypeOf(two).toEqualTypeOf<Account>();
  else expectTypeOf(two).toEqualTypeOf<Ship>();
}

const shape = { table: "notes", hashKey: "id", schema: z.object({ id: z.string(), n: z.number() }) } as const;

/** Classes as users write them: with constructors, private members, abstract ones, hooks. */
export async function classes(connection: Connection): Promise<void> {
  class Own extends DynamoDBModel.define(shape) {
    readonly #secret = 1;
    constructor(id: string) {
      super({ id, n: 5 });
    }
    reveal(): number {
      return this.#secret;
    }
    static async latest(): Promise<Own | undefined> {
      return this.query("latest").first();
    }
  }
  expectTypeOf(await Own.get("x")).toEqualTypeOf<Own>();
  expectTypeOf(await Own.latest()).toEqualTypeOf<Own | undefined>();
  abstract class Shared extends DynamoDBModel.define(shape) {
    abstract describe(): string;
  }
  class Concrete extends Shared {
    override describe(): string {
      return this.id;
    }
    override toJSON(): Record<string, unknown> {
      return { ...super.toJSON(), described: this.describe() };
    }
  }
  expectTypeOf(await Concrete.on(connection).get("x")).toEqualTypeOf<Concrete>();
  class Hooked extends DynamoDBModel.define(shape) {
    static override beforeSave(instance: Hooked): void {
      instance.n += 1;
    }
    static override async afterLoad(instance: Hooked): Promise<void> {
      await instance.reload();
    }
  }
  expectTypeOf(await Hooked.get("x")).toEqualTypeOf<Hooked>();
}

/** A mixin over any model that has a certain attribute. */
export async function mixin(): Promise<void> {
  // oxlint-disable-next-line typescript/no-explicit-any -- TypeScript asks for any[] in the constructor of a mixin (TS2545)
  function Doubled<B extends abstract new (...args: any[]) => { n: number }>(Base: B) {
    abstract class Doubling extends Base {
      double(): void {
        this.n *= 2;
      }
    }
    return Doubling;
  }
  class Note extends Doubled(DynamoDBModel.define(shape)) {}
  const note = await Note.get("x");
  expectTypeOf(note).toEqualTypeOf<Note>();
  note.double();
}

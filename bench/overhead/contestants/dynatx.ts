import { Connection, DynamoDBModel, Transaction, atomic, transactor } from "dynatx";
import { z } from "zod";
import type { Contestant } from "../contestant.js";

const schema = z.object({
  id: z.string(),
  owner: z.string(),
  balance: z.number().int(),
  active: z.boolean(),
  openedAt: z.date(),
  tags: z.set(z.string()),
  address: z.object({ street: z.string(), city: z.string(), zip: z.string() }),
  history: z.array(z.number()),
});

class ImageAccount extends DynamoDBModel.define({ table: "dynatx", hashKey: "id", schema }) {}

class VersionAccount extends DynamoDBModel.define({
  table: "dynatx-version",
  hashKey: "id",
  schema,
  concurrency: "version",
}) {}

class Transfer extends Transaction.define({
  table: "transfers",
  hashKey: "from",
  schema: z.object({ from: z.string(), to: z.string(), amount: z.number() }),
}) {
  static override transient = true;
  accounts: typeof ImageAccount | typeof VersionAccount = ImageAccount;

  override transactors() {
    return [
      transactor(this.accounts.at(this.from), (account) => void (account.balance -= this.amount)),
      transactor(this.accounts.at(this.to), (account) => void (account.balance += this.amount)),
    ];
  }
}

const native = atomic({ path: "native" });

function contestant(name: string, Account: typeof ImageAccount | typeof VersionAccount, detected: string): Contestant {
  const model = Account === VersionAccount ? ', of a model with `concurrency: "version"`' : "";
  return {
    name,
    table: { name: Account === ImageAccount ? "dynatx" : "dynatx-version", hashKey: "id" },
    does: {
      get: `\`Account.get(id)\`${model}: consistent, decoded, validated by the zod schema`,
      create: "`new Account(values).save({ raiseOnConflict: true })`: validated, with a write id",
      update: `\`account.balance += 1; await account.save({ raiseOnConflict: true })\`: validated, a new write id, ${detected}`,
      atomic: "a transient `Transaction` of two transactors, `atomic()`: get, get, one TransactWriteItems",
      sequential: "a transient `Transaction` of two transactors, `sequential()` (the default)",
    },
    open(client) {
      const connection = new Connection({ client });
      const Accounts = Account.on(connection);
      const Transfers = Transfer.on(connection);
      const transfer = (from: string, to: string, amount: number): Transfer => {
        const made = new Transfers({ from, to, amount });
        made.accounts = Accounts;
        return made;
      };
      return {
        create: (account) =>
          new Accounts({ ...account, history: [...account.history] }).save({ raiseOnConflict: true }),
        get: (id) => Accounts.get(id),
        async hold(id) {
          const account = await Accounts.get(id);
          return (amount) => {
            account.balance += amount;
            return account.save({ raiseOnConflict: true });
          };
        },
        atomic: (from, to, amount) => transfer(from, to, amount).commit({ backend: native }),
        sequential: (from, to, amount) => transfer(from, to, amount).commit(),
      };
    },
  };
}

/** As it is without options: a save compares the whole image of what was read. */
export const dynatx = contestant("dynatx", ImageAccount, "IF every attribute is as it was read");

export const dynatxVersion = contestant("dynatx (by version)", VersionAccount, "IF the write id is as it was read");

import { Connection, DynamoDBModel, Transaction, transactor } from "dynatx";
import type { CommitOptions, ConnectionOptions } from "dynatx";
import { z } from "zod";
import type { Contestant } from "../contestant.js";

class Counter extends DynamoDBModel.define({
  table: "counters",
  hashKey: "id",
  schema: z.object({ id: z.string(), count: z.number().int().default(0) }),
}) {}

class Increment extends Transaction.define({
  table: "increments",
  hashKey: "counterId",
  schema: z.object({ counterId: z.string() }),
}) {
  static override maxRetries = 1_000_000; // the loops never give up either
  counters = Counter;

  override transactors() {
    return [transactor(this.counters.at(this.counterId), (counter) => void (counter.count += 1))];
  }
}

class Transient extends Increment {
  static override transient = true;
}

interface Way {
  readonly name: string;
  readonly does: string;
  readonly prefix: string;
  readonly transaction: typeof Increment;
  readonly options?: CommitOptions;
  readonly connection?: Omit<ConnectionOptions, "client">;
}

function contestant({ name, does, prefix, transaction, options, connection: policy }: Way): Contestant {
  return {
    name,
    does,
    tables: [
      { name: `${prefix}counters`, hashKey: "id" },
      { name: `${prefix}increments`, hashKey: "counterId", rangeKey: "datetime" },
    ],
    open(client) {
      const connection = new Connection({ ...policy, client, tablePrefix: prefix });
      const Counters = Counter.on(connection);
      const Increments = transaction.on(connection);
      let attempted = (): void => {};
      connection.on("retry", () => attempted());
      return {
        create: (id) => new Counters({ id }).save(),
        async increment(counterId, progress) {
          attempted = () => progress.attempted();
          attempted();
          const increment = new Increments({ counterId });
          increment.counters = Counters;
          await increment.commit(options);
          return true;
        },
        read: async (id) => (await Counters.get(id)).count,
        ...(transaction === Increment && { rows: (id) => countRows(Increments, id) }),
      };
    },
  };
}

async function countRows(Increments: typeof Increment, counterId: string): Promise<number> {
  let rows = 0;
  for await (const page of Increments.query(counterId, { consistent: true }).pages()) rows += page.length;
  return rows;
}

const counted = "`transactor(Counter.at(id), (counter) => void (counter.count += 1))`";

export const transient = contestant({
  name: "dynatx",
  does: `a transient transaction of one ${counted}, as it is without options: combined`,
  prefix: "transient-",
  transaction: Transient,
});

export const withRow = contestant({
  name: "dynatx, with a row",
  does: "the same, not transient: each commit saves its audit row",
  prefix: "told-",
  transaction: Increment,
});

export const uncombined = contestant({
  name: "dynatx, combine: false",
  does: "the transient one, `commit({ combine: false })`: each has a read and a write of its own, in turns",
  prefix: "uncombined-",
  transaction: Transient,
  options: { combine: false },
});

/** Waits so short that a run of many lost replies takes a minute or two. */
const quick = { baseMs: 1, capMs: 8 };

/** For networks that lose replies. */
export const patient = contestant({
  name: "dynatx, with a row",
  does: "each commit saves its audit row; no options but short waits: a write in doubt is looked for by its write id",
  prefix: "lossy-",
  transaction: Increment,
  connection: { conflictBackoff: quick, sendBackoff: quick },
});

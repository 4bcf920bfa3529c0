import { randomUUID } from "node:crypto";
import { AmbiguousWriteError, DynamoDBModel, ValidationError, atomic, connect, transact } from "dynatx";
import type { AtomicBackend, Connection, TransactionContext } from "dynatx";
import { startFaultProxy } from "dynatx/testing";
import type { FaultProxyOptions } from "dynatx/testing";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { clientOf, useDatabase } from "../../support/databases.js";
import { rawTable } from "../../support/raw-table.js";
import { changeElsewhere, useBank } from "../bank-ground.js";
import { Account, Transfer, balanceOf, failureOf, openAccount, unique } from "../bank.js";

/** One TransactWriteItems, and what becomes of it on a network that fails. */
describe("atomic(): the native path", () => {
  const database = useDatabase("DynamoDB Local");
  useBank(database);

  async function through(options: FaultProxyOptions) {
    const proxy = await startFaultProxy(database, { tablePrefix: database.connection.tablePrefix, ...options });
    onTestFinished(() => proxy.stop());
    return { proxy, Accounts: Account.on(proxy.connection), Transfers: Transfer.on(proxy.connection) };
  }
  const move =
    (Accounts: typeof Account, from: Account, to: Account) =>
    async (tx: TransactionContext): Promise<void> => {
      (await tx.get(Accounts, from.id)).balance -= 1;
      (await tx.get(Accounts, to.id)).balance += 1;
    };
  const pair = async () => [await openAccount(10), await openAccount(0)] as const;
  const balances = async (...accounts: readonly Account[]): Promise<number[]> => Promise.all(accounts.map(balanceOf));

  test("A10: the answer to the commit is lost, cut off, late, or the request doubled: applied once", async () => {
    for (const fault of ["loseReply", "cutReply", "deliverLater", "duplicate", "loseRequest"] as const) {
      const [from, to] = await pair();
      let sent = 0;
      const { proxy, Accounts } = await through({
        plan: ({ operation }) => (operation === "TransactWriteItems" && ++sent === 1 ? fault : "none"),
      });
      await transact(move(Accounts, from, to));
      await proxy.deliverNow();
      expect([fault, ...(await balances(from, to))]).toEqual([fault, 9, 1]);
      expect(proxy.counts[fault]).toBe(1);
    }
  });

  test("A10: the answer is lost, and the endpoint has forgotten the token: the items tell that it was applied", async () => {
    const [from, to] = await pair();
    let sent = 0;
    const { proxy, Accounts } = await through({
      plan: ({ operation }) => (operation === "TransactWriteItems" && ++sent === 1 ? "loseReply" : "none"),
    });
    proxy.client.middlewareStack.add(
      (next) => (args) => {
        if ("ClientRequestToken" in args.input) Object.assign(args.input, { ClientRequestToken: randomUUID() });
        return next(args);
      },
      { step: "initialize", priority: "low", name: "forgetTokens" },
    );
    let runs = 0;
    await transact((tx) => {
      runs++;
      return move(Accounts, from, to)(tx);
    });
    expect([sent, runs, ...(await balances(from, to))]).toEqual([2, 1, 9, 1]);
  });

  test("A10: of many transfers over a bad network each is applied once, with one row", async () => {
    const [from, to] = await pair();
    const { proxy, Transfers } = await through({
      seed: 11,
      rates: { loseReply: 0.2, loseRequest: 0.1, deliverLater: 0.1, throttle: 0.1, cutReply: 0.1 },
      operations: ["TransactWriteItems"],
    });
    connect(proxy.connection); // for the accounts inside
    onTestFinished(() => void connect(database.connection));
    const requesterId = unique();
    for (let n = 0; n < 10; n++)
      await new Transfers({ requesterId, from: from.id, to: to.id, amount: 1 }).commit({ backend: atomic() });
    connect(database.connection);
    await proxy.deliverNow();
    expect(await balances(from, to)).toEqual([0, 10]);
    expect(await Transfer.query(requesterId, { consistent: true }).toArray()).toHaveLength(10);
    expect(proxy.counts.loseReply + proxy.counts.cutReply).toBeGreaterThan(0);
  }, 60_000);

  test("A10: lost before it arrived, and then changed by another: a conflict, and the late one changes nothing", async () => {
    const [from, to] = await pair();
    let [sent, changed] = [0, false];
    let arrive = (): void => {};
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const { proxy, Accounts } = await through({
      plan: ({ operation }) => {
        if (operation !== "TransactWriteItems") return "none";
        if (++sent > 1) return changed ? "none" : "loseRequest";
        arrive();
        return { fault: "deliverLater", delayMs: 600_000 };
      },
    });
    const elsewhere = (async () => {
      await arrived;
      await Account.update(from.id, { balance: 100 }); // cuts the history: nothing there tells of what was before
      const found = await Account.get(to.id);
      found.balance = 50;
      await found.save({ raiseOnConflict: true });
      changed = true;
    })();
    let runs = 0;
    await transact((tx) => {
      runs++;
      return move(Accounts, from, to)(tx);
    });
    await elsewhere;
    await proxy.deliverNow();
    expect([runs, ...(await balances(from, to))]).toEqual([2, 99, 51]);
  });

  test("A10: in doubt, refused for another program's change: the late one is fenced off before all of it runs again", async () => {
    const [from, to] = await pair();
    let [sent, changed] = [0, false];
    const { proxy, Accounts } = await through({
      plan: ({ operation }) => {
        if (operation !== "TransactWriteItems") return "none";
        if (++sent > 1) return changed ? "none" : "loseRequest";
        void changeElsewhere(database, from.id, 70).then(() => (changed = true));
        return { fault: "deliverLater", delayMs: 600_000 };
      },
    });
    let runs = 0;
    const work = async (tx: TransactionContext): Promise<void> => {
      if (++runs === 2) {
        await changeElsewhere(database, from.id, 10); // and back: now the late one would find what it asks for
        await proxy.deliverNow();
      }
      await move(Accounts, from, to)(tx);
    };
    await transact(work);
    expect([runs, ...(await balances(from, to))]).toEqual([2, 9, 1]);
  });

  test("A10: in doubt, and what would tell is gone: AmbiguousWriteError, and not repeated; the row written ahead stays", async () => {
    const [from, to] = await pair();
    let sent = 0;
    const { Transfers, proxy } = await through({
      plan: ({ operation }) => (operation === "TransactWriteItems" && ++sent > 0 ? "loseRequest" : "none"),
    });
    class Announced extends Transfers {
      static override writeAhead = true;
    }
    connect(proxy.connection);
    onTestFinished(() => void connect(database.connection));
    const transfer = new Announced({ requesterId: unique(), from: from.id, to: to.id, amount: 1 });
    const error = await failureOf(transfer.commit({ backend: atomic() }));
    connect(database.connection);
    expect(error).toBeInstanceOf(AmbiguousWriteError);
    expect(transfer.status).toBe("running");
    const rows = await Transfer.query(transfer.requesterId, { consistent: true }).toArray();
    expect(rows.map(({ status }) => status)).toEqual(["pending"]);
    expect(sent).toBeGreaterThan(2);
  }, 60_000);

  test("A3: no request is added to the reads and the one write", async () => {
    const [from, to] = await pair();
    const { proxy, Accounts } = await through({});
    await transact(move(Accounts, from, to));
    expect(Object.fromEntries(proxy.requests)).toEqual({ GetItem: 2, TransactWriteItems: 1 });
  });

  test("A13: one write by itself is a plain conditional write; one read by itself needs no commit; two are read again", async () => {
    const [from, to] = await pair();
    const { proxy, Accounts } = await through({});
    const requests = async (work: (tx: TransactionContext) => unknown): Promise<object> => {
      const before = new Map(proxy.requests);
      await transact(work);
      const counts = [...proxy.requests].map(([name, count]) => [name, count - (before.get(name) ?? 0)] as const);
      return Object.fromEntries(counts.filter(([, count]) => count > 0));
    };
    const change = async (tx: TransactionContext) => void ((await tx.get(Accounts, from.id)).balance += 1);
    expect(await requests(change)).toEqual({ GetItem: 1, UpdateItem: 1 });
    expect(await requests((tx) => tx.get(Accounts, from.id))).toEqual({ GetItem: 1 });
    expect(await requests(() => Promise.all([from, to].map(({ id }) => Accounts.get(id))))).toEqual({ GetItem: 4 });
    expect(await requests((tx) => tx.put(new Accounts({ id: unique() })))).toEqual({ BatchGetItem: 1, PutItem: 1 });
    const create = () => new Accounts({ id: unique() }).save({ raiseOnConflict: true });
    expect(await requests(create)).toEqual({ PutItem: 1 });
  });

  test("A13: throttled, it is sent again, with the same token and ids", async () => {
    const [from, to] = await pair();
    const bodies: string[] = [];
    const { Accounts } = await through({
      plan: ({ operation, body }) => {
        if (operation !== "TransactWriteItems") return "none";
        return bodies.push(JSON.stringify(body)) < 3 ? "throttle" : "none";
      },
    });
    await transact(move(Accounts, from, to));
    expect([bodies.length, new Set(bodies).size]).toEqual([3, 1]);
    expect(await balances(from, to)).toEqual([9, 1]);
  });

  test("D25: what DynamoDB does not take comes out as it is, names the item, and is not repeated", async () => {
    const [from, to] = await pair();
    class Indexed extends DynamoDBModel.define({
      table: "indexedOfTransactions",
      hashKey: "id",
      indexes: { byOwner: { hashKey: "owner" } },
      schema: z.object({ id: z.string(), owner: z.string() }),
    }) {}
    await database.connection.createTable(Indexed, { waitForActive: true });
    class Loose extends DynamoDBModel.define({
      table: "indexedOfTransactions",
      hashKey: "id",
      schema: z.object({ id: z.string(), owner: z.number() }),
    }) {}
    let runs = 0;
    const id = unique();
    const error = await failureOf(
      transact(async (tx) => {
        runs++;
        await move(Account, from, to)(tx);
        tx.put(new Loose({ id, owner: 5 }));
      }),
    );
    expect(error).toBeInstanceOf(ValidationError);
    expect([runs, ...(await balances(from, to))]).toEqual([1, 10, 0]);
  });

  describe("which path", () => {
    const native = atomic({ path: "native" });
    const move2 = (Accounts: typeof Account, other: typeof Account, backend: AtomicBackend) => async () => {
      const [from, to] = await pair();
      const work = async (tx: TransactionContext): Promise<void> => {
        (await tx.get(Accounts, from.id)).balance -= 1;
        (await tx.get(other, to.id)).balance += 1;
      };
      await transact(work, { backend, connection: database.connection });
      return balances(from, to);
    };
    const otherClient = (): Connection => {
      const client = clientOf(database.endpoint);
      onTestFinished(() => client.destroy());
      return database.connect({ client });
    };
    beforeAll(() => database.connection.ensureCoordinator());

    test("A2: 100 items go by one request; 101 do not: refused before anything is sent, or by intents", async () => {
      const accounts = await Promise.all(Array.from({ length: 101 }, () => openAccount(0)));
      const { proxy, Accounts } = await through({});
      const change = (count: number) => async (): Promise<void> => {
        const found = await Accounts.getBatch(accounts.slice(0, count).map(({ id }) => id));
        for (const account of found) if (account !== undefined) account.balance += 1;
      };
      await transact(change(100), { backend: native });
      expect(proxy.requests.get("TransactWriteItems")).toBe(1);
      const error = await failureOf(transact(change(101), { backend: native }));
      expect(error).toMatchObject({ code: "VALIDATION", message: /101 items are over DynamoDB's limit of 100/ });
      await transact(change(101));
      expect(proxy.requests.get("TransactWriteItems")).toBe(1);
      expect(await balances(...accounts)).toEqual([...Array.from({ length: 100 }, () => 2), 1]);
    }, 60_000);

    test("A2: over 4 MB, and over two clients: likewise", async () => {
      class Big extends DynamoDBModel.define({
        table: "accounts",
        hashKey: "id",
        schema: z.object({ id: z.string(), text: z.string() }),
      }) {}
      const put = (tx: TransactionContext): void => {
        for (let n = 0; n < 12; n++) tx.put(new Big({ id: unique(), text: "x".repeat(390_000) }));
      };
      expect(await failureOf(transact(put, { backend: native }))).toMatchObject({
        message: /over DynamoDB's limit of 4194304/,
      });
      await transact(put);
      const elsewhere = Account.on(otherClient());
      expect(await failureOf(move2(Account, elsewhere, native)())).toMatchObject({ message: /2 clients/ });
      expect(await move2(Account, elsewhere, atomic())()).toEqual([9, 1]);
    }, 60_000);

    test("A9: the native path refuses an item that is in flight, settles what holds it, and goes on", async () => {
      const [from, to] = await pair();
      const intents = atomic({ path: "intents" });
      const ends = Array.from({ length: 8 }, (_, n) =>
        transact(move(Account, from, to), { backend: n % 2 ? native : intents }),
      );
      await Promise.all(ends);
      expect(await balances(from, to)).toEqual([2, 8]);
    });
  });

  test("A1: another program's change between read and commit is a conflict, whatever it changed", async () => {
    const [from, to] = await pair();
    let runs = 0;
    await transact(async (tx) => {
      await move(Account, from, to)(tx);
      if (++runs === 1) await rawTable(database.connection, "accounts").delete({ id: { S: to.id } });
      if (runs === 1) await changeElsewhere(database, to.id, 5);
    });
    expect([runs, ...(await balances(from, to))]).toEqual([2, 9, 6]);
  });
});

describe("atomic(): an endpoint without TransactWriteItems", () => {
  const database = useDatabase();
  useBank(database);

  test("A2: is asked once; path native says so, and nothing was written", async () => {
    await database.connection.ensureCoordinator();
    const proxy = await startFaultProxy(database);
    onTestFinished(() => proxy.stop());
    const Accounts = Account.on(proxy.connection);
    const ids = [randomUUID(), randomUUID()];
    const work = (tx: TransactionContext): void => ids.forEach((id) => tx.put(new Accounts({ id, balance: 5 })));
    for (let n = 0; n < 2; n++) await transact(work);
    expect(proxy.requests.get("TransactWriteItems")).toBe(1);
    const error = await failureOf(transact(work, { backend: atomic({ path: "native" }) }));
    expect(error).toMatchObject({ code: "VALIDATION", message: /no TransactWriteItems/ });
    expect((await Account.getBatch(ids)).map((each) => each?.balance)).toEqual([5, 5]);
  });
});

/** 1000 transfers at once among 20 accounts: they conflict, they start over, and not a coin is lost. */
import { Account, InsufficientFunds, Transfer } from "../models/accounts.js";
import { withDatabase } from "./database.js";
import { Progress } from "./progress.js";

const accounts = Array.from({ length: 20 }, (_, index) => `account-${String(index).padStart(2, "0")}`);
const transferCount = 1000;
const openingBalance = 3000;

function randomBelow(limit: number): number {
  return Math.floor(Math.random() * limit);
}

function randomTransfer(): Transfer {
  const from = randomBelow(accounts.length);
  const to = (from + 1 + randomBelow(accounts.length - 1)) % accounts.length;
  return new Transfer({
    requesterId: `person-${randomBelow(10)}`,
    from: accounts[from] ?? "",
    to: accounts[to] ?? "",
    amount: 1 + randomBelow(100),
  });
}

async function totalBalance(): Promise<number> {
  let sum = 0;
  for await (const account of Account.scan({ consistent: true })) sum += account.balance;
  return sum;
}

await withDatabase([Account, Transfer], async (connection, where) => {
  await Account.batchWrite({
    put: accounts.map((id, index) => new Account({ id, owner: `owner-${index % 5}`, balance: openingBalance })),
  });
  const before = await totalBalance();
  console.log(`${transferCount} transfers at once among ${accounts.length} accounts, in ${where}\n`);

  let done = 0;
  let refused = 0;
  let retries = 0;
  connection.on("retry", () => retries++);
  const progress = new Progress(transferCount);
  const transfers = Array.from({ length: transferCount }, randomTransfer);
  await Promise.all(
    transfers.map(async (transfer) => {
      try {
        await transfer.commit();
        done++;
      } catch (error) {
        if (!(error instanceof InsufficientFunds)) throw error;
        refused++;
      }
      progress.show(done + refused, `${retries} retries`);
    }),
  );

  const after = await totalBalance();
  console.log(`
  committed   ${done} (${Math.round(done / progress.seconds)} each second)
  refused     ${refused} for lack of funds: nothing changed, no row
  retries     ${retries} after conflicts
  total       ${before} before, ${after} after: ${before === after ? "conserved" : "NOT CONSERVED"}

The last rows of the audit table:`);
  const rows = await Transfer.scan().toArray();
  const last = rows.toSorted((a, b) => (a.datetime < b.datetime ? 1 : -1)).slice(0, 8);
  console.table(
    last.map(({ datetime, requesterId, from, to, amount, status }) => ({
      datetime,
      requesterId,
      from,
      to,
      amount,
      status,
    })),
  );
  if (before !== after) process.exitCode = 1;
});

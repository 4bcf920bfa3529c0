import { describe, expect, test } from "vitest";
import { benchClient } from "../../bench/clients/client.js";
import { createTable } from "../../bench/clients/table-layout.js";
import { accountOf } from "../../bench/overhead/account.js";
import type { Account } from "../../bench/overhead/account.js";
import { contestants, control } from "../../bench/overhead/contestants/index.js";
import { moveOneByOne } from "../../bench/overhead/work.js";
import { useDatabase } from "../support/databases.js";

const attributes = Object.keys(accountOf(""));

/** What was asked for of what a library handed out: it may add attributes of its own. */
function plain(account: Account): object {
  const entries = Object.entries(account).filter(([name]) => attributes.includes(name));
  return structuredClone(Object.fromEntries(entries));
}

describe("what the contestants of the overhead suite are measured doing, on a real database", () => {
  const database = useDatabase("DynamoDB Local");

  // The control is the baseline, on its table.
  test.each(contestants.filter((each) => each !== control))("$name", async (contestant) => {
    const client = benchClient(database.endpoint);
    await createTable(client, contestant.table);
    const opened = contestant.open(client);
    for (const id of ["from", "to"]) await opened.create(accountOf(id));
    expect(plain(await opened.get("from"))).toEqual(accountOf("from"));
    await expect(opened.create({ ...accountOf("from"), balance: 1 }), "never over another one").rejects.toThrow();

    const add = await opened.hold("from");
    const late = await opened.hold("from");
    await add(5);
    await add(6); // it knows what it wrote
    await expect(late(1), "never over another's change").rejects.toThrow();
    expect(plain(await opened.get("from"))).toEqual({ ...accountOf("from"), balance: 1011 });

    await moveOneByOne(opened, "from", "to", 11);
    expect((await opened.get("from")).balance).toBe(1000);
    expect((await opened.get("to")).balance).toBe(1011);
    expect(opened.atomic !== undefined).toBe(contestant.does.atomic !== undefined);
    if (opened.atomic !== undefined) {
      await opened.atomic("to", "from", 111);
      expect((await opened.get("from")).balance).toBe(1111);
      expect((await opened.get("to")).balance).toBe(900);
    }
    client.destroy();
  });
});

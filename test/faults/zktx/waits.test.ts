import { COMMITTED, StorageTransaction, runTx } from "dynatx/zktx";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { useGround } from "./ground.js";

describe("waiting for locks", { timeout: 60_000 }, () => {
  const ground = useGround();
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  beforeEach(() => void process.on("warning", note));
  afterEach(() => void process.off("warning", note));

  it("S18: for many keys, and through many changes of each, gathers no listeners", async () => {
    const keys = Array.from({ length: 12 }, (_, n) => `key${n}`);
    const holder = await new StorageTransaction(ground.storage, { timeout: 60_000 }).begin();
    const records = await holder.lockGetAll(keys);
    const other = ground.connect();
    const waiting = runTx(other, async (tx) => {
      expect((await tx.lockGetAll(keys)).map(({ v }) => v)).toEqual(keys.map(() => 12));
      await tx.commit({ force: true });
    });
    for (let value = 1; value <= 12; value++) {
      for (const record of records) record.v = value;
      await Promise.all(records.map((record) => holder.set(record)));
    }
    await holder.commit();
    expect((await waiting)[0]).toBe(COMMITTED);
    expect(warnings).toEqual([]);
  });
});

import { randomUUID } from "node:crypto";
import { ConflictError, DynamoDBModel, OverwriteError } from "dynatx";
import { beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { describeOnBoth } from "../support/databases.js";
import { faultyClient } from "../support/faults.js";
import { shortLease, transactionInFlight } from "../support/in-flight.js";
import { rawTable } from "../support/raw-table.js";

class Ticket extends DynamoDBModel.define({
  table: "tickets",
  hashKey: "id",
  schema: z.object({ id: z.string(), state: z.string(), note: z.string().optional() }),
}) {}

const strict = { raiseOnConflict: true };

describeOnBoth("delete", (database) => {
  beforeAll(() => database.connection.createTable(Ticket, { waitForActive: true }));

  async function stored(): Promise<Ticket> {
    const ticket = new (Ticket.on(database.connection))({ id: randomUUID(), state: "open" });
    await ticket.save(strict);
    return ticket;
  }
  const raw = (): ReturnType<typeof rawTable> => rawTable(database.connection, "tickets");
  const key = ({ id }: Ticket): { id: { S: string } } => ({ id: { S: id } });

  it.each([strict, {}])("D11: deletes the item, and the instance counts as new again (%o)", async (options) => {
    const ticket = await stored();
    await ticket.delete(options);
    expect(await raw().get(key(ticket))).toBeUndefined();
    ticket.state = "again";
    await ticket.save(strict); // a create, with "must not exist"
    expect(await raw().get(key(ticket))).toMatchObject({ state: { S: "again" } });
    await ticket.delete(options);
    await new (Ticket.on(database.connection))({ id: ticket.id, state: "other" }).save();
    await expect(ticket.save(strict)).rejects.toThrow(OverwriteError);
  });

  it("D11: with raiseOnConflict an item changed elsewhere is a ConflictError that shows it, and stays", async () => {
    for (const [name, value] of [
      ["state", { S: "closed" }],
      ["note", { S: "added" }],
    ] as const) {
      const ticket = await stored();
      await raw().set(key(ticket), name, value);
      await expect(ticket.delete(strict)).rejects.toMatchObject({
        code: "CONFLICT",
        key: { id: ticket.id },
        item: { [name]: value.S },
      });
      expect(await raw().get(key(ticket))).toMatchObject({ [name]: value });
    }
    const [first, second] = await Promise.all([1, 2].map(() => stored()));
    const stale = await Ticket.on(database.connection).get(first!.id);
    first!.state = "changed by dynatx";
    await first!.save();
    await expect(stale.delete(strict)).rejects.toThrow(ConflictError);
    await raw().delete(key(second!));
    await expect(second!.delete(strict)).rejects.toThrow(ConflictError);
  });

  it("D11: without raiseOnConflict an item changed or deleted elsewhere is gone all the same", async () => {
    const ticket = await stored();
    await raw().set(key(ticket), "state", { S: "closed" });
    await ticket.delete();
    expect(await raw().get(key(ticket))).toBeUndefined();
    await ticket.delete(); // never saved since: nothing is there, which is what was asked for
    const other = await stored();
    await raw().delete(key(other));
    await other.delete();
  });

  it("D11: an instance that was never saved deletes what is there; with raiseOnConflict it is a ConflictError without a request", async () => {
    const { client, sent } = faultyClient(database.endpoint, () => undefined);
    const Bound = Ticket.on(database.connect({ client, tablePrefix: database.connection.tablePrefix }));
    const [byDynatx, byOthers] = [await stored(), new Bound({ id: randomUUID(), state: "raw" })];
    await expect(new Bound({ id: byDynatx.id, state: "new" }).delete(strict)).rejects.toThrow(ConflictError);
    expect(sent).toEqual([]);
    await new Bound({ id: byDynatx.id, state: "new" }).delete();
    await raw().put({ ...key(byOthers), state: { S: "raw" } });
    await byOthers.delete();
    expect(await raw().get(key(byDynatx))).toBeUndefined();
    expect(await raw().get(key(byOthers))).toBeUndefined();
  });

  it("D11: an item held by a transaction in flight is not destroyed", async () => {
    const Bound = Ticket.on(database.connect(shortLease));
    const { intent } = await transactionInFlight(database.connection, { living: true });
    const { id } = await stored();
    const ticket = await Bound.get(id);
    await raw().set(key(ticket), "_tx", intent);
    for (const options of [strict, {}]) {
      const failure = await ticket.delete(options).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(failure).toBeInstanceOf(ConflictError);
      expect(failure).toHaveProperty("message", expect.stringContaining("transaction in flight"));
    }
    expect(await raw().get(key(ticket))).toMatchObject({ _tx: intent, state: { S: "open" } });
  });
});

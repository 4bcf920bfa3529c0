import { Stub, stubbedClient } from "../clients/stub.js";
import { accountOf } from "./account.js";
import type { Contestant, Opened, Operation } from "./contestant.js";

/** One operation of a contestant, ready to be run again and again. */
export type Work = () => Promise<unknown>;

/** An operation of a contestant on a client without a network, proven to run. */
export async function stubbedWork(contestant: Contestant, operation: Operation): Promise<Work> {
  const stub = new Stub(contestant.table.hashKey);
  const opened = contestant.open(stubbedClient(stub));
  for (const id of ["from", "to"]) await opened.create(accountOf(id));
  stub.learning = false;
  const work = await workOf(opened, operation);
  await work();
  return work;
}

async function workOf(opened: Opened, operation: Operation): Promise<Work> {
  switch (operation) {
    case "get":
      return () => opened.get("from");
    case "create":
      return () => opened.create(accountOf("from"));
    case "update": {
      const add = await opened.hold("from");
      return () => add(1);
    }
    case "sequential":
      return () => moveOneByOne(opened, "from", "to", 1);
    case "atomic": {
      const atomic = opened.atomic?.bind(opened);
      if (atomic === undefined) throw new Error("says how it changes two items atomically, and does not");
      return () => atomic("from", "to", 1);
    }
  }
}

/** Moves an amount by one conditional write after the other: the contestant's own way, or the plain one. */
export async function moveOneByOne(opened: Opened, from: string, to: string, amount: number): Promise<void> {
  if (opened.sequential !== undefined) return void (await opened.sequential(from, to, amount));
  await (
    await opened.hold(from)
  )(-amount);
  await (
    await opened.hold(to)
  )(amount);
}

import { Connection, transactor } from "dynatx";
import type { Clock, CommitOptions, ConnectionEvents } from "dynatx";
import type { Database } from "../support/databases.js";
import { faultyClient } from "../support/faults.js";
import type { FaultPlan } from "../support/faults.js";
import { Account, Operation, unique } from "./bank.js";

export type Step = (account: Account) => unknown;

/** Commits without rows, each of which does something to one account; what they send, meet and combine is listed. */
export function lineAt(
  { endpoint, connection: { tablePrefix } }: Database,
  id: string,
  options: { readonly plan?: FaultPlan; readonly model?: typeof Account; readonly clock?: Clock } = {},
) {
  const { plan = () => undefined, model = Account, clock } = options;
  const { client, sent } = faultyClient(endpoint, plan);
  const connection = new Connection({ client, tablePrefix, clock });
  const combined: ConnectionEvents["combined"][] = [];
  connection.on("combined", (event) => combined.push(event));
  const Accounts = model.on(connection);
  class Touch extends Operation.on(connection) {
    static override transient = true;
    step: Step = () => {};
    override transactors() {
      return [transactor(Accounts.at(id), (account) => this.step(account))];
    }
  }
  const make = (step: Step): Touch => Object.assign(new Touch({ requester: unique() }), { step });
  const commit = (step: Step, options?: CommitOptions): Promise<Touch> => make(step).commit(options);
  return { connection, sent, combined, make, commit, sizes: () => combined.map(({ size }) => size) };
}

export const addOne: Step = (account) => void (account.balance += 1);

/** A promise that the test resolves. */
export function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

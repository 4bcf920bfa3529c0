import type { DynamoDB } from "@aws-sdk/client-dynamodb";
import { benchClient } from "../clients/client.js";
import { countRequests } from "../clients/counting.js";
import type { Database } from "../clients/databases.js";
import { createTable } from "../clients/table-layout.js";
import { runCell } from "./cell.js";
import type { Cell, CellPlan } from "./cell.js";
import type { Contestant } from "./contestant.js";

/** A contestant on a database, with its tables and a client of its own. */
export interface Ground {
  readonly contestant: Contestant;
  readonly client: DynamoDB;
  /** Runs a cell at a new counter. */
  run(plan: CellPlan): Promise<Cell>;
}

export async function groundOn(database: Database, contestant: Contestant): Promise<Ground> {
  const client = benchClient(database.endpoint);
  for (const table of contestant.tables) await createTable(client, table);
  const sent = countRequests(client);
  let cells = 0;
  return {
    contestant,
    client,
    run: (plan) => runCell(contestant.open(client), sent, `counter-${++cells}`, plan),
  };
}

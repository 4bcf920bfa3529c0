import { beforeAll } from "vitest";
import { describeOnBoth } from "../../support/databases.js";
import type { Database, Kind } from "../../support/databases.js";
import { useBank } from "../bank-ground.js";

/**
 * The same tests where a transaction is one TransactWriteItems (DynamoDB Local), and where it goes by the intent
 * protocol, because the endpoint has no such call (dynalite). The tables of the bank are there, and the connection is
 * the default one.
 */
export function describeAtomic(name: string, tests: (database: Database, kind: Kind) => void): void {
  describeOnBoth(name, (database, kind) => {
    useBank(database);
    beforeAll(() => database.connection.ensureCoordinator());
    tests(database, kind);
  });
}

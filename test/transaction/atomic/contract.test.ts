import { atomic } from "dynatx";
import { beforeAll } from "vitest";
import { describeOnBoth } from "../../support/databases.js";
import { transactionContract } from "../contract.js";

// On dynalite, which has no TransactWriteItems, by the intent protocol.
describeOnBoth("atomic()", (database) => {
  beforeAll(() => database.connection.ensureCoordinator());
  transactionContract("contract", { database, backend: atomic, transfers: 300 });
});

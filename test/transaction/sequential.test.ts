import { sequential } from "dynatx";
import { describeOnBoth } from "../support/databases.js";
import { transactionContract } from "./contract.js";

describeOnBoth("sequential()", (database, kind) => {
  // The one DynamoDB Local serves all test files at once, and takes twice the time for a request: a smaller throng there.
  transactionContract("contract", { database, backend: sequential, transfers: kind === "dynalite" ? 1000 : 300 });
});

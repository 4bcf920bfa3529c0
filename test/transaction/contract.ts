import { describe } from "vitest";
import { useBank } from "./bank-ground.js";
import { conflictContract } from "./contract-conflicts.js";
import { rowContract } from "./contract-rows.js";
import { singleContract } from "./contract-single.js";
import { subtransactionContract } from "./contract-subtransactions.js";
import { throngContract } from "./contract-throng.js";
import type { Ground } from "./ground.js";

/** What a transaction promises on every backend; what holds on one of them alone stands in that backend's own tests. */
export function transactionContract(name: string, ground: Ground): void {
  describe(name, () => {
    useBank(ground.database);
    singleContract(ground);
    conflictContract(ground);
    rowContract(ground);
    subtransactionContract(ground);
    throngContract(ground);
  });
}

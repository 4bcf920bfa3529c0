import { describe } from "vitest";
import { aliveScenarios } from "./alive.js";
import { accessorScenarios } from "./accessors.js";
import { commitScenarios } from "./commit.js";
import { journalScenarios } from "./journals.js";
import { lockScenarios } from "./locks.js";
import { recoveryScenarios } from "./recovery.js";
import { runScenarios } from "./run.js";
import { stateScenarios } from "./state.js";
import type { OpenStore } from "./store.js";
import { unlockScenarios } from "./unlock-and-set.js";
import { waitScenarios } from "./waits.js";

/** What every storage promises: the scenarios S1 to S76, each in an empty store of its own. */
export function storageContract(open: OpenStore): void {
  describe("txids and marks of life", () => aliveScenarios(open));
  describe("lockGet", () => lockScenarios(open));
  describe("who waits for whom", () => waitScenarios(open));
  describe("unlock and set", () => unlockScenarios(open));
  describe("state", () => stateScenarios(open));
  describe("recovery", () => recoveryScenarios(open));
  describe("commit", () => commitScenarios(open));
  describe("journals", () => journalScenarios(open));
  describe("runTx", () => runScenarios(open));
  describe("accessors", () => accessorScenarios(open));
}

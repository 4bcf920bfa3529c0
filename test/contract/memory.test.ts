import { MemoryStorage } from "dynatx/zktx";
import { describe } from "vitest";
import { storageContract } from "./contract.js";

describe("memory", () => {
  storageContract(async () => {
    const first = new MemoryStorage();
    return {
      connect: async () => first.client(),
      crash: (client) => client.close(),
      disconnect: (client) => client.close(),
      close: () => first.close(),
    };
  });
});

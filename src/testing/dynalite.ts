import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mendEquality } from "./dynalite-equality.js";
import type { DynaliteDatabase } from "./dynalite-equality.js";
import { missingPeer } from "./missing-peer.js";
import { testEndpoint } from "./endpoint.js";
import type { TestConnectionOptions, TestDynamoDB } from "./endpoint.js";

interface DynaliteModule {
  readonly default: (options: { createTableMs: number; deleteTableMs: number; updateTableMs: number }) => Server;
}

interface DatabaseModule {
  readonly default: DynaliteDatabase;
}

async function loadDynalite(): Promise<DynaliteModule["default"]> {
  try {
    const name = "dynalite"; // an optional peer without types of its own
    const loaded: DynaliteModule = await import(name);
    const database: DatabaseModule = await import(`${name}/db/index.js`);
    mendEquality(database.default);
    return loaded.default;
  } catch (error) {
    throw missingPeer("startDynamoDB()", "dynalite", error);
  }
}

/**
 * Starts an embedded DynamoDB (dynalite) in this process, in memory, on a free port of the loopback interface, in a few
 * milliseconds. It has no TransactWriteItems and no expiry. Needs the package `dynalite`; throws `ValidationError`
 * without it.
 */
export async function startDynamoDB(options: TestConnectionOptions = {}): Promise<TestDynamoDB> {
  const dynalite = await loadDynalite();
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  // True: a server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return testEndpoint(port, options, close);
}

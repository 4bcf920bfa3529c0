import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startDynamoDBLocal } from "dynatx/testing";

/** A database in a process of its own. */
export interface Database {
  readonly name: string;
  readonly endpoint: string;
  stop(): Promise<void>;
}

const startTimeoutMs = 30_000;

export async function startDynalite(): Promise<Database> {
  const child = fork(fileURLToPath(new URL("dynalite-process.ts", import.meta.url)));
  const exited = once(child, "exit");
  const started = once(child, "message", { signal: AbortSignal.timeout(startTimeoutMs) });
  const failed = exited.then(() => Promise.reject(new Error("dynalite did not start")));
  failed.catch(() => {}); // it ends at last
  // True: it is the one message of that process.
  const [endpoint] = (await Promise.race([started, failed])) as [string];
  const stop = async (): Promise<void> => {
    child.disconnect();
    await exited;
  };
  return { name: "dynalite", endpoint, stop };
}

async function startLocal(): Promise<Database> {
  const local = await startDynamoDBLocal();
  return { name: "DynamoDB Local", endpoint: local.endpoint, stop: () => local.stop() };
}

/** What there is to run against, by the names of the report. */
export const databases: Readonly<Record<string, () => Promise<Database>>> = {
  dynalite: startDynalite,
  "DynamoDB Local": startLocal,
};

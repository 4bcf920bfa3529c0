import type { TestProject } from "vitest/node";
import { startDynamoDBLocal } from "../../src/testing/index.js";
import { installServers } from "./servers.js";

declare module "vitest" {
  export interface ProvidedContext {
    /** The endpoint of the one DynamoDB Local that all test files share. */
    dynamodbLocal: string;
  }
}

/** Starting DynamoDB Local takes seconds and a JVM, so one serves the whole run; test files keep apart by their table names. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  installServers(); // here, where nobody else does at the same time
  const local = await startDynamoDBLocal();
  provide("dynamodbLocal", local.endpoint);
  return () => local.stop();
}

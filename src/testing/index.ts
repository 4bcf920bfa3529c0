export { startDynamoDB } from "./dynalite.js";
export { startDynamoDBLocal } from "./dynamodb-local.js";
export type { DynamoDBLocalOptions } from "./dynamodb-local.js";
export type { TestConnectionOptions, TestDynamoDB } from "./endpoint.js";
export { startFaultProxy } from "./fault-proxy.js";
export type { FaultProxy, FaultProxyOptions, PlannedFault, ProxiedRequest } from "./fault-proxy.js";
export type { Fault, FaultRates } from "./fault-plan.js";

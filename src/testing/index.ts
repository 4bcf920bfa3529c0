export { startDynamoDB } from "./dynalite.js";
export { startDynamoDBLocal } from "./dynamodb-local.js";
export type { DynamoDBLocalOptions } from "./dynamodb-local.js";
export type { TestConnectionOptions, TestDynamoDB } from "./endpoint.js";

import { DynamoDB } from "@aws-sdk/client-dynamodb";
import type { DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";

/** More than any suite has requests in flight: nobody waits for a socket. */
const maxSockets = 512;

/**
 * The client every contestant gets one of: the same class, the same configuration, the SDK's defaults but for the sockets.
 * It is the aggregated class, because Dynamoose takes no other; the library and the other peers see a `DynamoDBClient`.
 */
export function benchClient(endpoint: string, config: DynamoDBClientConfig = {}): DynamoDB {
  return new DynamoDB({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    requestHandler: { httpAgent: { maxSockets, keepAlive: true } },
    ...config,
  });
}

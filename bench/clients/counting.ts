import type { DynamoDB } from "@aws-sdk/client-dynamodb";

export interface RequestCount {
  /** HTTP requests that were handed to the network, the SDK's own retries included. */
  requests: number;
}

/** Counts from now on what a client sends. */
export function countRequests({ config: { requestHandler } }: DynamoDB): RequestCount {
  const count: RequestCount = { requests: 0 };
  const handle = requestHandler.handle.bind(requestHandler);
  requestHandler.handle = (...args) => {
    count.requests++;
    return handle(...args);
  };
  return count;
}

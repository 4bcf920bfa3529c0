import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

type RequestHandler = DynamoDBClient["config"]["requestHandler"];

/** A client that sends each request once, and knows which failures happened after sending. */
export interface SingleAttemptClient {
  readonly client: DynamoDBClient;
  /** Whether this error came out of the HTTP layer, so that the request may have arrived. */
  wasSent(error: unknown): boolean;
}

/**
 * Derives a client that shares everything with the given one (HTTP handler, credentials, region, middleware) except
 * the SDK's own retries: repeating a conditional write whose reply was lost turns its success into a failed condition.
 */
export function singleAttempt(client: DynamoDBClient): SingleAttemptClient {
  const sentErrors = new WeakSet();
  const shared = client.config.requestHandler;
  const requestHandler: RequestHandler = Object.create(shared, {
    handle: {
      value: async (...args: Parameters<RequestHandler["handle"]>) => {
        try {
          return await shared.handle(...args);
        } catch (error) {
          if (typeof error === "object" && error !== null) sentErrors.add(error);
          throw error;
        }
      },
    },
  });
  const middlewareStack = client.middlewareStack.clone();
  // In place of the SDK's own, not without: other middleware is ordered by its name.
  middlewareStack.add((next) => next, {
    name: "retryMiddleware",
    step: "finalizeRequest",
    priority: "high",
    override: true,
  });
  const derived: DynamoDBClient = Object.create(client, {
    config: {
      value: Object.defineProperties(
        {},
        {
          ...Object.getOwnPropertyDescriptors(client.config),
          requestHandler: { value: requestHandler, enumerable: true },
        },
      ),
    },
    middlewareStack: { value: middlewareStack },
    handlers: { value: undefined, writable: true, configurable: true }, // the SDK's cache of resolved middleware: not the parent's
  });
  return { client: derived, wasSent: (error) => typeof error === "object" && error !== null && sentErrors.has(error) };
}

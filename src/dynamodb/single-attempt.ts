import type {
  DeleteItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";

/** A command that must not be repeated blindly. */
export type WriteCommand = PutItemCommand | UpdateItemCommand | DeleteItemCommand | TransactWriteItemsCommand;

/** What is known of one attempt when it fails. */
export interface Attempt {
  /** How often its request was handed to the HTTP layer. More than once only when middleware of the caller's repeats requests. */
  readonly sends: number;
  /** Whether the command went through the SDK at all; not so where a stub stands in the client's place. */
  readonly begun: boolean;
}

/**
 * Makes a command go out once, whatever the client's own policy: repeating a conditional write whose reply was lost
 * turns its success into a failed condition. It is the command that is prepared and not the client, so that the client
 * stays the caller's own: its handler, credentials and middleware, also those that are added later.
 */
export function singleAttempt(command: WriteCommand): Attempt {
  const attempt = { sends: 0, begun: false };
  // All commands have the same kind of stack; only its types name the command's own input.
  const stack = command.middlewareStack as PutItemCommand["middlewareStack"];
  // In place of the SDK's own, not without: other middleware is ordered by its name.
  stack.add((next) => next, { name: "retryMiddleware", step: "finalizeRequest", priority: "high", override: true });
  stack.add(
    (next) => (args) => {
      attempt.begun = true;
      return next(args);
    },
    { name: "dynatxBegin", step: "initialize", priority: "high", override: true },
  );
  // The innermost step: what lies below is the HTTP handler.
  stack.add(
    (next) => (args) => {
      attempt.sends++;
      return next(args);
    },
    { name: "dynatxSend", step: "deserialize", priority: "low", override: true },
  );
  return attempt;
}

import type {
  BatchGetItemCommandInput,
  BatchGetItemCommandOutput,
  BatchWriteItemCommandInput,
  BatchWriteItemCommandOutput,
  DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import { clientOf } from "./databases.js";

/**
 * A client whose batches DynamoDB handles only in part, as it does when a table is throttled: of the n-th batch request
 * (from 0), of `size` keys or writes, `handled(n, size)` reach the endpoint, and the others come back as unprocessed.
 */
export function partialBatches(
  endpoint: string,
  handled: (n: number, size: number) => number,
): { readonly client: DynamoDBClient; readonly sizes: number[] } {
  const client = clientOf(endpoint);
  const sizes: number[] = [];
  const share = (size: number): number => {
    sizes.push(size);
    return Math.min(size, handled(sizes.length - 1, size));
  };
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName !== "BatchGetItemCommand" && commandName !== "BatchWriteItemCommand") return next(args);
        // The command's name tells which input it has.
        const { input, output } =
          commandName === "BatchGetItemCommand"
            ? splitKeys(args.input as BatchGetItemCommandInput, share)
            : splitWrites(args.input as BatchWriteItemCommandInput, share);
        if (input === undefined) return { output: { $metadata: {}, ...output }, response: undefined };
        const answer = await next({ ...args, input });
        Object.assign(answer.output, output);
        return answer;
      },
    { step: "initialize", name: "partialBatches" },
  );
  return { client, sizes };
}

/** What goes on to the endpoint (`undefined`: nothing), and what the answer says besides. */
interface Split<Input, Output> {
  readonly input: Input | undefined;
  readonly output: Partial<Output>;
}

function splitKeys(
  { RequestItems = {} }: BatchGetItemCommandInput,
  share: (size: number) => number,
): Split<BatchGetItemCommandInput, BatchGetItemCommandOutput> {
  const [[table, { Keys = [], ...rest }] = ["", {}]] = Object.entries(RequestItems);
  const count = share(Keys.length);
  const UnprocessedKeys = count < Keys.length ? { [table]: { ...rest, Keys: Keys.slice(count) } } : {};
  if (count === 0) return { input: undefined, output: { Responses: {}, UnprocessedKeys } };
  return { input: { RequestItems: { [table]: { ...rest, Keys: Keys.slice(0, count) } } }, output: { UnprocessedKeys } };
}

function splitWrites(
  { RequestItems = {} }: BatchWriteItemCommandInput,
  share: (size: number) => number,
): Split<BatchWriteItemCommandInput, BatchWriteItemCommandOutput> {
  const [[table, writes] = ["", []]] = Object.entries(RequestItems);
  const count = share(writes.length);
  const UnprocessedItems = count < writes.length ? { [table]: writes.slice(count) } : {};
  if (count === 0) return { input: undefined, output: { UnprocessedItems } };
  return { input: { RequestItems: { [table]: writes.slice(0, count) } }, output: { UnprocessedItems } };
}

import type { DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import type { Contestant } from "../hot-item/contestant.js";
import { handWritten, handWrittenWithRow } from "../hot-item/contestants/document-client.js";
import { patient } from "../hot-item/contestants/dynatx.js";

export interface LossyContestant extends Contestant {
  /** Of its client. */
  readonly config?: DynamoDBClientConfig;
}

export const lossless: LossyContestant = patient;

export const contestants: readonly LossyContestant[] = [
  lossless,
  handWritten,
  handWrittenWithRow,
  {
    ...handWritten,
    name: "DocumentClient loop, SDK retries off",
    does: `${handWritten.does}; a client with maxAttempts: 1, so that the caller gets an error where a reply is lost`,
    config: { maxAttempts: 1 },
  },
];

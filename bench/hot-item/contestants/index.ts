import type { Contestant } from "../contestant.js";
import { handWritten, handWrittenWithRow } from "./document-client.js";
import { toolbox } from "./dynamodb-toolbox.js";
import { dynamooseContestant } from "./dynamoose.js";
import { transient, uncombined, withRow } from "./dynatx.js";
import { electrodb } from "./electrodb.js";
import { onetable } from "./onetable.js";

/** What all others are compared with. */
export const baseline = handWritten;

export const contestants: readonly Contestant[] = [
  handWritten,
  handWrittenWithRow,
  transient,
  withRow,
  uncombined,
  toolbox,
  onetable,
  electrodb,
  dynamooseContestant,
];

import type { Contestant } from "../contestant.js";
import { documentClientZod } from "./document-client-zod.js";
import { documentClient } from "./document-client.js";
import { toolbox } from "./dynamodb-toolbox.js";
import { dynamooseContestant } from "./dynamoose.js";
import { dynatx, dynatxVersion } from "./dynatx.js";
import { electrodb } from "./electrodb.js";
import { onetable } from "./onetable.js";

/** What all others are compared with. */
export const baseline = documentClient;

export const contestants: readonly Contestant[] = [
  documentClient,
  dynatx,
  dynatxVersion,
  documentClientZod,
  toolbox,
  onetable,
  electrodb,
  dynamooseContestant,
];

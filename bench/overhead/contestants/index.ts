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

/** The baseline once more: how far this is from 1 is how far any ratio may be off. */
export const control: Contestant = { ...documentClient, name: "DocumentClient again" };

export const contestants: readonly Contestant[] = [
  documentClient,
  control,
  dynatx,
  dynatxVersion,
  documentClientZod,
  toolbox,
  onetable,
  electrodb,
  dynamooseContestant,
];

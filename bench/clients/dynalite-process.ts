/** Runs dynalite in a process of its own, so that the database does not take the client's turns. Ends with its parent. */
import { startDynamoDB } from "dynatx/testing";

const { endpoint } = await startDynamoDB();
process.once("disconnect", () => process.exit());
process.send?.(endpoint);

import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { ValidationError } from "../../base/errors.js";
import { OperationLog, parseEvent } from "./history-event.js";
import type { HistoryEvent } from "./history-event.js";
import type { History } from "./operation.js";

/** How many operations are read at most. */
const maxOperations = 10_000_000;

/**
 * Puts together what recorders have written to their files, in the order in which the operations began. What a killed
 * process had begun has an unknown outcome; a last line that broke off is passed over. The recorders must have had the
 * same clock. Throws `ValidationError` for a file that no recorder wrote; errors of the file system come as they are.
 */
export async function readHistory(files: readonly string[]): Promise<History> {
  const logs: OperationLog[] = [];
  for (const file of files) {
    for (const log of await readLogs(file)) logs.push(log);
    if (logs.length > maxOperations) throw new ValidationError(`more than ${maxOperations} operations`);
  }
  return logs.toSorted((a, b) => a.start - b.start).map((log) => log.operation());
}

async function readLogs(file: string): Promise<Iterable<OperationLog>> {
  const logs = new Map<number, OperationLog>();
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity });
  let number = 0;
  let broken: ValidationError | undefined; // at the last line it is no error
  for await (const line of lines) {
    if (broken !== undefined) throw broken;
    number++;
    try {
      take(parseEvent(line), logs);
    } catch (error) {
      broken = new ValidationError(`${file}:${number} is no line of a history`, { cause: error });
    }
  }
  return logs.values();
}

function take(event: HistoryEvent, logs: Map<number, OperationLog>): void {
  if (event.event === "begin") return void logs.set(event.id, new OperationLog(event.process, event.at));
  const log = logs.get(event.id);
  if (log === undefined) throw new ValidationError(`operation ${event.id} has no beginning`);
  log.add(event.steps);
  if (event.event === "end") log.end(event.at, event.outcome, event.error);
}

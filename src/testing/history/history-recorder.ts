import { appendFileSync, closeSync, openSync } from "node:fs";
import { hrtime } from "node:process";
import {
  ConditionFailedError,
  ConflictError,
  ItemNotFoundError,
  MaxRetriesExceededError,
  ValidationError,
} from "../../base/errors.js";
import { OperationLog, lineOf } from "./history-event.js";
import type { HistoryEvent, RecordedStep } from "./history-event.js";
import { OperationRecorder } from "./operation-recorder.js";
import type { History, Outcome } from "./operation.js";

const defaultMaxOperations = 1_000_000;

export interface HistoryRecorderOptions {
  /**
   * A time that never goes back, in any unit, the same for all recorders whose histories are put together. Default:
   * nanoseconds of `process.hrtime`, which on Linux are those of the machine, whatever the process or thread.
   */
  readonly clock?: (() => number) | undefined;
  /**
   * A new file that takes everything at once, as lines of JSON, so that a process that is killed leaves what it had
   * begun; `readHistory` reads it. Throws `ValidationError` for a file that is there already or cannot be made.
   */
  readonly file?: string | undefined;
  /** Whether an operation that threw this certainly had no effect; if not, its outcome is unknown. Default: `hadNoEffect`. */
  readonly failed?: ((error: unknown) => boolean) | undefined;
  /** How many operations are recorded; `operation` throws `ValidationError` after that. Default: 1,000,000. */
  readonly maxOperations?: number | undefined;
}

/**
 * Whether the error says that one write, or a commit with one target, certainly had no effect: conflicts, retries used
 * up, conditions that did not hold, items that are not there, values that do not fit. After a `sequential()` commit of
 * several targets it says so of the target that failed only, and the operation is partly done: record an operation for
 * each target there.
 */
export function hadNoEffect(error: unknown): boolean {
  // A ValidationError with a cause may be about what an update that was applied has made of the item.
  if (error instanceof ValidationError) return error.cause === undefined;
  return [ConflictError, MaxRetriesExceededError, ConditionFailedError, ItemNotFoundError].some(
    (kind) => error instanceof kind,
  );
}

function monotonicNanoseconds(): number {
  // Past 2^53 (a machine that has run for 104 days) times get coarser, never out of order.
  return Number(hrtime.bigint());
}

function createFile(path: string): number {
  try {
    return openSync(path, "wx");
  } catch (error) {
    throw new ValidationError(`a recorder needs a new file of its own: ${path}`, { cause: error });
  }
}

/** Records what concurrent operations saw and did, and when, for `checkHistory` and `checkBank`. */
export class HistoryRecorder {
  readonly #clock: () => number;
  readonly #failed: (error: unknown) => boolean;
  readonly #maxOperations: number;
  readonly #logs: OperationLog[] = [];
  #file: number | undefined;

  constructor(options: HistoryRecorderOptions = {}) {
    this.#clock = options.clock ?? monotonicNanoseconds;
    this.#failed = options.failed ?? hadNoEffect;
    this.#maxOperations = options.maxOperations ?? defaultMaxOperations;
    this.#file = options.file === undefined ? undefined : createFile(options.file);
  }

  /**
   * Runs `work` as one operation and gives what it gives, errors included. It is told by `op` what the work sees, and
   * what it is about to change, _before_ that may happen. The operation is `ok` when the work resolves, `failed` when
   * the option `failed` says so of its error, and `unknown` otherwise, and as long as it has not ended.
   */
  async operation<T>(process: string | number, work: (op: OperationRecorder) => T | Promise<T>): Promise<T> {
    if (this.#logs.length >= this.#maxOperations)
      throw new ValidationError(`this recorder takes ${this.#maxOperations} operations at most (maxOperations)`);
    const id = this.#logs.length;
    const at = this.#clock();
    const log = new OperationLog(process, at);
    this.#logs.push(log);
    this.#write({ event: "begin", id, process, at });
    const op = new OperationRecorder((steps) => {
      log.add(steps);
      this.#write({ event: "steps", id, steps });
    });
    const end = (outcome: Outcome, error?: unknown): void => {
      const at = this.#clock();
      const steps: readonly RecordedStep[] = op.end();
      const message = error instanceof Error ? `${error.name}: ${error.message}` : undefined;
      log.add(steps);
      log.end(at, outcome, message);
      this.#write({ event: "end", id, at, outcome, steps, error: message });
    };
    let result: T;
    try {
      result = await work(op);
    } catch (error) {
      end(this.#failed(error) ? "failed" : "unknown", error);
      throw error;
    }
    end("ok");
    return result;
  }

  /** Everything recorded so far. What has not ended yet has an unknown outcome. */
  history(): History {
    return this.#logs.map((log) => log.operation());
  }

  /** Closes the file, if there is one; what ends later is not written to it. May be called twice. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  /** At once: what the system has taken outlives this process. */
  #write(event: HistoryEvent): void {
    if (this.#file !== undefined) appendFileSync(this.#file, lineOf(event));
  }
}

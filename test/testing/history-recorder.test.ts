import { execFile } from "node:child_process";
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  AmbiguousWriteError,
  ConditionFailedError,
  ConflictError,
  ItemNotFoundError,
  MaxRetriesExceededError,
  OverwriteError,
  RequestError,
  TargetNotFoundError,
  ValidationError,
} from "dynatx";
import { HistoryRecorder, checkHistory, readHistory } from "dynatx/testing";
import type { OperationRecorder } from "dynatx/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

function counter(): () => number {
  let time = 0;
  return () => ++time;
}

function fail(error: unknown): () => never {
  return () => {
    throw error;
  };
}

describe("a recorder", () => {
  it("takes down what was seen and done, and when", async () => {
    const recorder = new HistoryRecorder({ clock: counter() });
    const list = ["a"];
    const given = await recorder.operation("p", async (op) => {
      op.read("x", list);
      op.append("x", "b");
      list.push("b");
      op.read("x", list);
      op.read("y", null);
      op.delete("x");
      op.snapshot({ a: 1 });
      return "given";
    });
    expect(given).toBe("given");
    expect(recorder.history()).toEqual([
      {
        ...{ process: "p", start: 1, end: 2, outcome: "ok" },
        steps: [
          { type: "read", key: "x", values: ["a"] },
          { type: "append", key: "x", value: "b" },
          { type: "read", key: "x", values: ["a", "b"] },
          { type: "read", key: "y", values: null },
          { type: "delete", key: "x" },
          { type: "snapshot", balances: { a: 1 } },
        ],
      },
    ]);
  });

  it("knows by the error whether it had no effect, and gives the error on", async () => {
    const failures = [
      new ConflictError("x"),
      new OverwriteError("x"),
      new MaxRetriesExceededError("x", { attempts: 3 }),
      new ConditionFailedError("x"),
      new ItemNotFoundError("x"),
      new TargetNotFoundError("x"),
      new ValidationError("x"),
    ];
    const doubts = [
      new AmbiguousWriteError("x"),
      new RequestError("x", { operation: "PutItem", retryable: true }),
      new ValidationError("the update was applied", { cause: new ValidationError("x") }),
      new Error("x"),
      "no error at all",
    ];
    const recorder = new HistoryRecorder();
    for (const error of [...failures, ...doubts]) await expect(recorder.operation(1, fail(error))).rejects.toBe(error);
    const outcomes = recorder.history().map(({ outcome, end }) => [outcome, end !== undefined]);
    expect(outcomes).toEqual([...failures.map(() => ["failed", true]), ...doubts.map(() => ["unknown", false])]);
    expect(recorder.history()[0]?.error).toBe("ConflictError: x");
  });

  it("is told by the user which errors mean that nothing happened", async () => {
    const recorder = new HistoryRecorder({ failed: (error) => error instanceof RangeError });
    for (const error of [new RangeError("x"), new ConflictError("x")])
      await recorder.operation(1, fail(error)).catch(() => {});
    expect(recorder.history().map(({ outcome }) => outcome)).toEqual(["failed", "unknown"]);
  });

  it("forgets attempts that begin anew, but not what they wanted to append", async () => {
    const recorder = new HistoryRecorder();
    await recorder.operation(1, (op) => {
      for (const value of ["a", "b", "c", "c"]) {
        op.restart("x");
        op.read("x", [`before ${value}`]);
        op.append("x", value);
        op.read("y", [value]);
      }
    });
    await recorder.operation(2, (op) => {
      op.snapshot({});
      op.append("x", "d");
      op.restart();
    });
    const [first, second] = recorder.history();
    expect(first?.steps).toEqual([
      { type: "read", key: "y", values: ["a"] },
      { type: "read", key: "y", values: ["b"] },
      { type: "read", key: "y", values: ["c"] },
      { type: "read", key: "x", values: ["before c"] },
      { type: "append", key: "x", value: "c" },
      { type: "read", key: "y", values: ["c"] },
    ]);
    expect(first?.abandoned).toEqual(["a", "b"].map((value) => ({ type: "append", key: "x", value })));
    expect(second).toMatchObject({ steps: [], abandoned: [{ type: "append", key: "x", value: "d" }] });
  });

  it("leaves what has not ended unknown", async () => {
    const recorder = new HistoryRecorder({ clock: counter() });
    let resolve = (): void => {};
    const promise = new Promise<void>((done) => (resolve = done));
    const running = recorder.operation(1, (op) => (op.append("x", 1), promise));
    expect(recorder.history()).toEqual([
      { process: 1, start: 1, outcome: "unknown", steps: [{ type: "append", key: "x", value: 1 }] },
    ]);
    resolve();
    await running;
    expect(recorder.history()).toMatchObject([{ outcome: "ok", end: 2 }]);
  });

  it("takes nothing from an operation that has ended, and no values but strings and finite numbers", async () => {
    const recorder = new HistoryRecorder();
    let late: OperationRecorder | undefined;
    await recorder.operation(1, (op) => {
      late = op;
      expect(() => op.append("x", Number.NaN)).toThrow(ValidationError);
      expect(() => op.read("x", [Infinity])).toThrow(ValidationError);
    });
    expect(() => late?.append("x", 1)).toThrow(ValidationError);
    expect(() => late?.read("x", [])).toThrow(ValidationError);
    expect(recorder.history()[0]?.steps).toEqual([]);
  });

  it("takes as many operations as it is told", async () => {
    const recorder = new HistoryRecorder({ maxOperations: 1 });
    await recorder.operation(1, () => {});
    let ran = false;
    await expect(recorder.operation(1, () => (ran = true))).rejects.toThrow(ValidationError);
    expect(ran).toBe(false);
  });

  it("has a clock that other processes share", async () => {
    const recorder = new HistoryRecorder();
    const before = Number(process.hrtime.bigint());
    await recorder.operation(1, () => {});
    const [{ start, end = 0 } = { start: 0 }] = recorder.history();
    expect(before).toBeLessThanOrEqual(start);
    expect(start).toBeLessThanOrEqual(end);
    expect(end).toBeLessThanOrEqual(Number(process.hrtime.bigint()));
  });
});

describe("files of a history", () => {
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "dynatx-history-"))));
  afterEach(() => rm(folder, { recursive: true }));

  it("hold what the recorders hold, in the order of the beginnings", async () => {
    const clock = counter();
    const files = ["a", "b"].map((name) => join(folder, name));
    const recorders = files.map((file) => new HistoryRecorder({ file, clock }));
    for (const index of [1, 0, 1, 0]) {
      await recorders[index]
        ?.operation(index, (op) => {
          op.read("x\u2028y", ["\u2029\n"]);
          op.append("x", clock());
          op.restart("x");
          op.append("x", clock());
          op.snapshot({ a: 1 });
          if (index === 1) throw new ConflictError("x");
        })
        .catch(() => {});
    }
    for (const recorder of recorders) {
      recorder.close();
      recorder.close();
    }
    const text = await readFile(join(folder, "a"), "utf8");
    expect(text).not.toMatch(/[\u2028\u2029]/); // some take them for the end of a line
    const [a, b] = recorders.map((recorder) => recorder.history());
    expect(await readHistory(files)).toEqual([b?.[0], a?.[0], b?.[1], a?.[1]]);
  });

  it("hold what a killed process had begun", async () => {
    const file = join(folder, "killed");
    const worker = join(root, "test/testing/history/killed-worker.ts");
    const killed = await promisify(execFile)(process.execPath, ["--import", "tsx", worker, file], { cwd: root }).catch(
      (error: { signal: string }) => error,
    );
    expect(killed).toMatchObject({ signal: "SIGKILL" });
    const recorder = new HistoryRecorder();
    await recorder.operation("later", (op) => op.read("x", ["first", "in doubt"]));
    const history = [...(await readHistory([file])), ...recorder.history()];
    expect(history.map(({ outcome }) => outcome)).toEqual(["ok", "failed", "unknown", "ok"]);
    expect(history[2]?.steps).toHaveLength(2);
    expect(checkHistory(history)).toMatchObject({ valid: true, counts: { unknownSeen: 1 } });
  });

  it("may break off in their last line, and nowhere else", async () => {
    const file = join(folder, "broken");
    const recorder = new HistoryRecorder({ file });
    await recorder.operation(1, (op) => op.append("x", 1));
    recorder.close();
    const lines = (await readFile(file, "utf8")).split("\n");
    await writeFile(file, `${lines[0]}\n${lines[1]}\n${lines[2]?.slice(0, 20)}`);
    expect(await readHistory([file])).toMatchObject([{ outcome: "unknown", steps: [{ value: 1 }] }]);
    await appendFile(file, "\n{}\n");
    await expect(readHistory([file])).rejects.toThrow(ValidationError);
  });

  it("are one recorder's each", async () => {
    const file = join(folder, "taken");
    await writeFile(file, "");
    expect(() => new HistoryRecorder({ file })).toThrow(ValidationError);
    await expect(readHistory([join(folder, "none")])).rejects.toThrow("ENOENT");
  });
});

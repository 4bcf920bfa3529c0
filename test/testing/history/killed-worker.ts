/** Records until it is killed: an operation that ended, one that was given up, and one that never ends. */
import { ConflictError } from "dynatx";
import { HistoryRecorder } from "dynatx/testing";

const recorder = new HistoryRecorder({ file: process.argv[2] });
await recorder.operation("worker", (op) => op.append("x", "first"));
await recorder
  .operation("worker", (op) => {
    op.append("x", "refused");
    throw new ConflictError("changed");
  })
  .catch(() => {});
await recorder.operation("worker", async (op) => {
  op.read("x", ["first"]);
  op.append("x", "in doubt");
  op.read("x", ["not told any more"]);
  process.kill(process.pid, "SIGKILL");
  await new Promise(() => {});
});

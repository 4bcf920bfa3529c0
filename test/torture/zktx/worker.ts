/** One worker process: `worker ORDERS`, with `Orders` as JSON. It works until it is told to stop, or dies. */
import { pausing, stop, working } from "../orders.js";
import { workAsCrew } from "./crew.js";
import type { Orders } from "./orders.js";

// True: it is started with its orders only.
const orders = JSON.parse(process.argv[2] ?? "") as Orders;
const { fate } = orders;

async function meet(): Promise<void> {
  if (fate?.end === "kill") process.kill(process.pid, "SIGKILL");
  await new Promise((told) => process.send?.(pausing, told));
  process.kill(process.pid, "SIGSTOP");
}

let commits = 0;
async function around(send: () => Promise<number | undefined>): Promise<number | undefined> {
  const fated = fate?.commit === ++commits ? fate.when : undefined;
  if (fated === "before") await meet();
  const sent = send();
  sent.catch(() => {}); // waited for below
  if (fated === "after") await new Promise((resolve) => setImmediate(resolve)).then(meet);
  return sent;
}

const stopped = new AbortController();
process.send?.(working);
process.on("message", (message) => {
  if (message === stop) stopped.abort();
});
process.on("disconnect", () => process.exit(1)); // nobody is left to work for
await workAsCrew(orders, around, stopped.signal);
process.removeAllListeners("disconnect");
process.disconnect();

import { join, resolve } from "node:path";
import { machineFacts } from "./framework/machine.js";
import { Output } from "./framework/output.js";
import { printed } from "./framework/table.js";
import { commandLine, usage } from "./options.js";
import type { CommandLine } from "./options.js";
import type { Suite } from "./suite.js";

// Before any client is made, and some libraries make one when they are imported.
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true"; // about its next year's versions
const { suites } = await import("./suites.js");

const project = join(import.meta.dirname, "..");

async function main(line: CommandLine): Promise<void> {
  const chosen = line.suites.length === 0 ? suites : line.suites.map(named);
  const folder = resolve(line.out ?? (line.quick ? join(project, ".tmp/bench") : project));
  const output = new Output(folder, project);
  const machine = machineFacts(new Date());
  for (const suite of chosen) {
    const result = await suite.run({ ...line, log: (text) => process.stderr.write(`${text}\n`) });
    for (const table of result.tables) console.log(printed(table));
    await output.write(suite.name, result, machine);
    for (const failure of result.failures) console.log(`\nFAILED: ${failure}`);
    if (result.failures.length > 0) process.exitCode = 1;
  }
  console.log(`\nWritten to ${join(folder, "docs")}`);
}

function named(name: string): Suite {
  const suite = suites.find((each) => each.name === name);
  if (suite === undefined) {
    throw new Error(`there is no suite ${name}: there are ${suites.map((each) => each.name).join(", ")}\n\n${usage}`);
  }
  return suite;
}

try {
  await main(commandLine(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error && !("code" in error) ? (error.stack ?? error.message) : error);
  process.exitCode = 1;
}

import { expect, test } from "vitest";
import { commandLine } from "../../bench/options.js";

test("the command line: suites, numbers, and what is no number", () => {
  const line = commandLine(["overhead", "--rounds", "5", "--lost-replies=10000", "--quick"]);
  expect(line).toMatchObject({ suites: ["overhead"], rounds: 5, lostReplies: 10_000, quick: true, seconds: undefined });
  expect(() => commandLine(["--rounds", "many"])).toThrow("--rounds must be a number above 0, but it is many");
  expect(() => commandLine(["--seconds", "0"])).toThrow("--seconds");
  expect(() => commandLine(["--round", "5"])).toThrow("--round");
});

import { describe, expect, it } from "vitest";
import { fillIn } from "../../../bench/framework/report.js";
import { markdown, printed } from "../../../bench/framework/table.js";

const document =
  "# A\n\n<!-- bench:one -->\nold\n<!-- /bench:one -->\n\nby hand\n\n<!-- bench:two -->\n<!-- /bench:two -->\n";

describe("generated parts of documents", () => {
  it("replaces what stands between the marks of one suite, and nothing else, however often", () => {
    const once = fillIn(document, "bench:one", "new");
    expect(once).toContain("<!-- bench:one -->\n\nnew\n\n<!-- /bench:one -->\n\nby hand\n\n<!-- bench:two -->");
    expect(once).not.toContain("old");
    expect(fillIn(once, "bench:one", "new")).toBe(once);
  });

  it("says which marks are missing", () => {
    expect(() => fillIn(document, "bench:three", "new")).toThrow("<!-- bench:three -->");
    expect(() => fillIn("<!-- /x --> <!-- x -->", "x", "new")).toThrow("no place for x");
  });
});

const table = {
  title: "t",
  columns: ["", "n"],
  rows: [
    ["a | b", "1"],
    ["c", "1000"],
  ],
};

describe("tables", () => {
  it("line up in a terminal: names to the left, numbers to the right", () => {
    expect(printed(table).split("\n")).toEqual(["", "t", "          n", "─────  ────", "a | b     1", "c      1000"]);
  });

  it("keep their columns in Markdown, whatever the cells hold", () => {
    expect(markdown(table)).toBe("**t**\n\n|  | n |\n| --- | ---: |\n| a \\| b | 1 |\n| c | 1000 |");
  });
});

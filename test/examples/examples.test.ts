import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const run = promisify(execFile);

async function example(name: string, env: Record<string, string> = {}): Promise<string> {
  const { stdout } = await run(process.execPath, ["--import", "tsx", join(root, "examples", name)], {
    cwd: root,
    env: { ...process.env, ...env },
  });
  return stdout;
}

describe("examples", () => {
  it("T15: the quickstart conserves the total under 1000 concurrent transfers", { timeout: 120_000 }, async () => {
    const shown = await example("quickstart.ts");
    expect(shown).toMatch(/1000\/1000/);
    expect(shown).toMatch(/total +20000 before, 20000 after: conserved/);
    expect(shown.match(/'done'/g)).toHaveLength(8);
  });

  it("T11: the purchase whose second step fails leaves a row that says running", async () => {
    const shown = await example("sub-transactions.ts");
    expect(shown).toMatch(/ann has 70 coins and 1 swords; the shop has 0/);
    expect(shown).toMatch(/sold out.*"running"/);
    expect(shown.match(/'running'/g)).toHaveLength(1);
    expect(shown.match(/'done'/g)).toHaveLength(6);
  });
});

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, inject, it } from "vitest";

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
    expect(shown).toMatch(/total +60000 before, 60000 after: conserved/);
    expect(shown.match(/'done'/g)).toHaveLength(8);
  });

  it("T11: the purchase whose second step fails leaves a row that says running", async () => {
    const shown = await example("sub-transactions.ts");
    expect(shown).toMatch(/ann has 70 coins and 1 swords; the shop has 0/);
    expect(shown).toMatch(/sold out.*"running"/);
    expect(shown.match(/'running'/g)).toHaveLength(1);
    expect(shown.match(/'done'/g)).toHaveLength(6);
  });

  it("run against the endpoint that DYNAMODB_ENDPOINT names, and leave no table there", async () => {
    const endpoint = inject("dynamodbLocal");
    const variables = { DYNAMODB_ENDPOINT: endpoint, AWS_REGION: "us-east-1" };
    const credentials = { AWS_ACCESS_KEY_ID: "example", AWS_SECRET_ACCESS_KEY: "example" };
    const shown = await example("sub-transactions.ts", { ...variables, ...credentials });
    expect(shown).toMatch(/sold out/);

    const client = new DynamoDBClient({
      endpoint,
      region: "us-east-1",
      credentials: { accessKeyId: "example", secretAccessKey: "example" },
    });
    const { TableNames } = await client.send(new ListTablesCommand({}));
    client.destroy();
    expect(TableNames).toEqual([]);
  });
});

import { beforeAll, describe, expect, test } from "vitest";
import { protocolRules } from "../../../src/dynamodb/protocol-hooks.js";
import type { ProtocolRule } from "../../../src/dynamodb/protocol-hooks.js";
import { describeOnBoth } from "../../support/databases.js";
import type { Database } from "../../support/databases.js";
import { Log } from "./player.js";
import { storiesOfNative } from "./stories-of-native.js";
import { storiesOfReads } from "./stories-of-reads.js";
import { storiesOfRecords } from "./stories-of-records.js";
import { storiesOfWrites } from "./stories-of-writes.js";
import { Scene } from "./story.js";
import type { Story } from "./story.js";

const stories = [...storiesOfWrites, ...storiesOfReads, ...storiesOfRecords, ...storiesOfNative];

async function kindsOfAnomalies(database: Database, story: Story, rules: readonly ProtocolRule[]): Promise<string[]> {
  const scene = new Scene(database, new Set(rules));
  await story.play(scene);
  await scene.end();
  return scene.report(story.total).anomalies.map(({ kind }) => kind);
}

describe("A12: rules", () => {
  test.each(protocolRules)("A12: there is a story about '%s'", (rule) => {
    expect(stories.map((story) => story.rule)).toContain(rule);
  });
});

describeOnBoth("A12: every rule of the protocol is needed", (database, here) => {
  beforeAll(async () => {
    await database.connection.createTable(Log, { waitForActive: true });
    await database.connection.ensureCoordinator();
    await database.connect({ coordinator: { table: "elsewhere" } }).ensureCoordinator();
  });

  const told = stories.filter(({ kind = "dynalite" }) => kind === here);

  for (const story of told)
    test(`A12: without '${story.rule}': ${story.tells}`, async () => {
      expect(await kindsOfAnomalies(database, story, [])).toEqual([]);
      expect(await kindsOfAnomalies(database, story, [story.rule])).toContain(story.anomaly);
    });
});

import { atomic } from "dynatx";
import { beforeAll, describe, expect, test } from "vitest";
import { Dice } from "../../support/dice.js";
import { useDatabase } from "../../support/databases.js";
import { Log } from "../../faults/protocol/player.js";
import type { Player } from "../../faults/protocol/player.js";
import { Scene } from "../../faults/protocol/story.js";

const keys = ["x", "y", "z"];
const processes = 5;
const deeds = 12;
const [native, intents] = [atomic({ path: "native" }), atomic({ path: "intents" })];

describe("A9: the native path and intents at the same items", () => {
  const database = useDatabase("DynamoDB Local");
  beforeAll(async () => {
    await database.connection.createTable(Log, { waitForActive: true });
    await database.connection.ensureCoordinator();
  });

  /** One process that does this and that, one after the other. */
  async function play(player: Player, dice: Dice): Promise<void> {
    for (let n = 0; n < deeds; n++) {
      const at = dice.below(keys.length);
      const [first = "", second = "", third = ""] = [...keys.slice(at), ...keys.slice(0, at)];
      const backend = dice.chance(0.5) ? native : intents;
      const deed = dice.below(8);
      if (deed < 3) await player.change({ sees: [first], appends: [second], backend });
      else if (deed < 5) await player.change({ sees: [first], appends: [second, third], backend });
      else if (deed < 6) await player.save(first);
      else if (deed < 7) await player.change({ sees: keys, backend });
      else if (dice.chance(0.5)) await player.read(first);
      else await player.change({ sees: [first], deletes: [second], backend });
    }
  }

  test.each([1, 2, 3])("A9: strictly serializable (%i)", async (seed) => {
    const scene = new Scene(database, new Set());
    await scene.given({ x: [], y: [], z: [] });
    const players = await Promise.all(Array.from({ length: processes }, () => scene.player()));
    await Promise.all(players.map((player, n) => play(player, new Dice(100 * seed + n))));
    await scene.end();
    const { anomalies, counts } = scene.report(undefined);
    expect(anomalies).toEqual([]);
    expect(counts.unknown).toBe(0);
    expect(counts.ok).toBeGreaterThan((processes * deeds) / 2); // plain saves and deletions of what is gone may fail
  });
});

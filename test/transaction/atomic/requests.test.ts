import { Connection, transact } from "dynatx";
import { describe, expect, onTestFinished, test } from "vitest";
import { useDatabase } from "../../support/databases.js";
import { WaveClient } from "../../support/waves.js";
import { flightsOf } from "../../../src/intents/flights.js";
import { unique } from "../bank.js";
import { Thing, byIntents, text, useThings } from "./things.js";

const isWrite = (operation: string): boolean => /^(Put|Update|Delete)Item$/.test(operation);

describe("what a commit by intents costs", () => {
  const database = useDatabase();
  useThings(database);

  /** The waves of one commit that writes so many items and has read so many others: until it is answered, and after that. */
  async function wavesOf(written: number, { read = 0, value = "new", nameBytes = 1 } = {}) {
    const box = unique();
    const names = Array.from({ length: written + read }, (_, n) => `${text(nameBytes)}${n}`);
    const Made = Thing.on(database.connection);
    await Made.batchWrite({ put: names.map((name) => new Made({ box, name, value: "old" })) });
    const net = new WaveClient(database.endpoint);
    onTestFinished(() => net.client.destroy());
    const connection = new Connection({ client: net.client });
    const Bound = Thing.on(connection);
    await connection.coordinator.identity(); // asked once in the life of a process
    let before = 0;
    await transact(
      async () => {
        const things = await Bound.getBatch(names.map((name): [string, string] => [box, name]));
        for (const thing of things.slice(0, written)) if (thing !== undefined) thing.value = value;
        before = net.waves.length;
      },
      { connection, backend: byIntents },
    );
    const answered = net.waves.length;
    await flightsOf(connection.coordinator).settled();
    return {
      toAnswer: net.waves.slice(before, answered),
      after: net.waves.slice(answered),
      all: net.waves.slice(before),
    };
  }

  test.each([1, 2, 25, 100])(
    "%i items: 2 N + 3 writes, in 3 round trips to the answer, and 2 after it",
    async (items) => {
      const { toAnswer, after, all } = await wavesOf(items);
      expect(all.flat().filter(isWrite)).toHaveLength(2 * items + 3);
      expect(all.flat()).toHaveLength(2 * items + 3); // and nothing is read
      expect(toAnswer.map((wave) => wave.length)).toEqual([1, items, 1]); // begin, intents, commit
      expect(after.map((wave) => wave.length)).toEqual([items, 1]); // apply, forget
    },
  );

  test.each([
    [2, 1],
    [25, 30],
  ])("%i items, and %i that were only read: one more round trip, and one read for each", async (items, read) => {
    const { toAnswer, after, all } = await wavesOf(items, { read });
    expect(all.flat().filter(isWrite)).toHaveLength(2 * items + 3);
    expect(toAnswer.map((wave) => wave.length)).toEqual([1, items, read, 1]);
    expect(after).toHaveLength(2);
  });

  test("pages of a long list of items are written beside the intents", async () => {
    const { toAnswer, after } = await wavesOf(99, { nameBytes: 900 });
    expect(toAnswer.map((wave) => wave.length)).toEqual([1, 100, 1]);
    expect(after.map((wave) => wave.length)).toEqual([99, 1, 1]); // apply, drop the page, forget
  });
});

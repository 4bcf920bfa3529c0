import { gate } from "../../support/stop.js";
import { before, deedOf, idIn } from "./deeds.js";
import type { Around } from "./deeds.js";
import type { Scene, Story } from "./story.js";

/** What was only read, and who sees what while a transaction is in flight. */
export const storiesOfReads: readonly Story[] = [
  {
    rule: "validate",
    tells: "two transactions that both read x and y write one of them each: write skew",
    anomaly: "cycle",
    async play(scene) {
      await scene.given({ x: [], y: [] });
      const [first, second] = [await scene.player({ stopAt: "begun" }), await scene.player()];
      const change = first.change({ sees: ["y"], appends: ["x"] });
      await first.stops(change);
      await second.change({ sees: ["x"], appends: ["y"] });
      first.go();
      await change;
    },
  },
  {
    rule: "validate minds intents",
    tells: "the same, when both have placed their intents before either looks at what it has read",
    anomaly: "cycle",
    async play(scene) {
      await scene.given({ x: [], y: [] });
      const first = await scene.player({ stopAt: "intended", senior: true });
      const second = await scene.player({ stopAt: "validated" });
      const change = first.change({ sees: ["y"], appends: ["x"] });
      await first.stops(change);
      const other = second.change({ sees: ["x"], appends: ["y"] });
      await second.stopsOrWaits(other);
      first.go();
      await change;
      second.go();
      await other;
    },
  },
  {
    rule: "push",
    tells: "y changes after it was looked at, and then somebody sees x under the intent of who believes in the old y",
    anomaly: "cycle",
    async play(scene) {
      await scene.given({ x: [], y: [] });
      const [first, second] = [await scene.player({ stopAt: "validated" }), await scene.player()];
      const change = first.change({ sees: ["y"], appends: ["x"] });
      await first.stops(change);
      await second.save("y");
      await second.read("x");
      first.go();
      await change;
    },
  },
  {
    rule: "snapshots are read twice",
    tells: "one item is seen before a transfer, the other after it",
    anomaly: "wrongTotal",
    total: 15,
    async play(scene) {
      await scene.given({ a: [10], b: [5] });
      const player = await scene.player();
      await player.look(["a", "b"], (key) => key === "b" && scene.given({ a: [6], b: [9] }));
    },
  },
  {
    rule: "absent items are intended",
    tells: "a token moves between two items, and each time neither is seen to have it",
    anomaly: "wrongTotal",
    total: 1,
    async play(scene) {
      const atA = { a: [1], b: null };
      const atB = { a: null, b: [1] };
      await scene.given(atB);
      const player = await scene.player({ around: movedBetweenLooks(scene, atA, atB) });
      await player.look(["a", "b"], (key) => key === "b" && scene.given(atA));
    },
  },
  {
    rule: "absent first",
    tells: "an item comes and goes, and was there when the other was as it was seen",
    anomaly: "wrongTotal",
    total: 10,
    async play(scene) {
      await scene.given({ a: [10], b: null });
      const goes = (): Promise<void> => scene.given({ a: [10], b: null });
      const player = await scene.player({ around: before("look", goes, { id: scene.id("b"), time: 2 }) });
      await player.look(["b", "a"], (key) => key === "a" && scene.given({ a: [6], b: [4] }));
    },
  },
  {
    rule: "what has ended is read again",
    tells: "a reader finds the record gone and takes the old state, though the commit was acknowledged before it began",
    anomaly: "cycle",
    async play(scene) {
      await scene.given({ x: [] });
      const applies = gate();
      const first = await scene.player({ around: before("apply", () => applies.opened) });
      const lands = async (): Promise<void> => {
        applies.open();
        await first.landed();
      };
      const second = await scene.player({ around: before("look at record", lands) });
      await first.change({ appends: ["x"] });
      await second.read("x");
    },
  },
];

/** When both items are looked at again, the token is at b while a is looked at, and at a while b is. */
function movedBetweenLooks(scene: Scene, atA: Parameters<Scene["given"]>[0], atB: typeof atA): Around {
  const looks = new Map<string | undefined, number>();
  const seen = gate();
  return async (sent, next) => {
    if (deedOf(sent) !== "look") return next();
    const id = idIn(sent);
    const time = (looks.get(id) ?? 0) + 1;
    looks.set(id, time);
    if (time !== 2) return next();
    if (id === scene.id("b")) {
      await seen.opened;
      await scene.given(atA);
      return next();
    }
    await scene.given(atB);
    await next();
    seen.open();
  };
}

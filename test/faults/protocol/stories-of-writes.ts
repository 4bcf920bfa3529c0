import { gate } from "../../support/stop.js";
import { late } from "../ground.js";
import { before, meets } from "./deeds.js";
import type { Story } from "./story.js";

/** Intents and plain writes at the same item, and how an intent comes to its end. */
export const storiesOfWrites: readonly Story[] = [
  {
    rule: "save minds intents",
    tells: "a save under an intent is overwritten when the intent is applied",
    anomaly: "incompatibleLists",
    async play(scene) {
      await scene.given({ x: [] });
      const [first, second] = [await scene.player({ stopAt: "intended" }), await scene.player()];
      const change = first.change({ appends: ["x"] });
      await first.stops(change);
      const save = second.save("x");
      await second.stopsOrWaits(save);
      first.go();
      await Promise.all([change, save]);
    },
  },
  {
    rule: "save minds intents",
    tells: "an update under an intent is overwritten when the intent is applied",
    anomaly: "lostWrite",
    async play(scene) {
      await scene.given({ x: [] });
      const [first, second] = [await scene.player({ stopAt: "intended" }), await scene.player()];
      const change = first.change({ appends: ["x"] });
      await first.stops(change);
      const update = second.update("x");
      await second.stopsOrWaits(update);
      first.go();
      await Promise.all([change, update]);
    },
  },
  {
    rule: "intent minds what was read",
    tells: "a save between the read and the intent is overwritten",
    anomaly: "incompatibleLists",
    async play(scene) {
      await scene.given({ x: [] });
      const [first, second] = [await scene.player({ stopAt: "begun" }), await scene.player()];
      const change = first.change({ appends: ["x"] });
      await first.stops(change);
      await second.save("x");
      first.go();
      await change;
    },
  },
  {
    rule: "intent minds intents",
    tells: "the second intent takes the place of the first, whose transaction commits and applies nothing",
    anomaly: "incompatibleLists",
    async play(scene) {
      await scene.given({ x: [] });
      const [first, second] = [await scene.player({ stopAt: "intended" }), await scene.player({ senior: true })];
      const change = first.change({ appends: ["x"] });
      await first.stops(change);
      await second.change({ appends: ["x"] });
      first.go();
      await change;
    },
  },
  {
    rule: "attempts are named",
    tells: "a late intent makes a deleted item anew while the record says committed, and is applied",
    anomaly: "cycle",
    async play(scene) {
      await scene.given({ x: null });
      const first = await scene.player({ plan: meets({ intent: late }), stopAt: "applied all" });
      const second = await scene.player();
      await first.change({ appends: ["x"] });
      await first.stops(first.landed());
      await second.delete("x");
      await first.arrives();
      await second.read("x");
    },
  },
  {
    rule: "attempts are adopted",
    tells: "the record names an intent that is not there, and the one that is there is undone",
    anomaly: "lostWrite",
    async play(scene) {
      await scene.given({ x: [] });
      const player = await scene.player({
        plan: meets({ intent: late }),
        around: before("intent", () => player.arrives(), { time: 2 }),
      });
      await player.change({ appends: ["x"] });
    },
  },
  {
    rule: "apply minds the intent",
    tells: "a late apply goes over a newer save",
    anomaly: "lostWrite",
    async play(scene) {
      await scene.given({ x: [] });
      const [first, second] = [await scene.player({ plan: meets({ apply: late }) }), await scene.player()];
      await first.change({ appends: ["x"] });
      await first.landed();
      await second.save("x");
      await first.arrives();
    },
  },
  {
    rule: "apply minds the attempt",
    tells: "a late intent makes a deleted item anew, and a late apply takes it for the one that counted",
    anomaly: "cycle",
    async play(scene) {
      await scene.given({ x: null });
      const first = await scene.player({ plan: meets({ intent: late, apply: late }) });
      const second = await scene.player();
      await first.change({ appends: ["x"] });
      await first.landed();
      await second.delete("x");
      await first.arrives();
    },
  },
  {
    rule: "rollback minds the intent",
    tells: "a late rollback takes another transaction's intent away, and a save takes its place",
    anomaly: "incompatibleLists",
    async play(scene) {
      await scene.given({ x: [], y: [] });
      const first = await scene.player({ plan: meets({ "roll back": late }), stopAt: "intended" });
      const second = await scene.player({ stopAt: "intended" });
      const third = await scene.player({ senior: true });
      const aborted = first.change({ appends: ["x"], sees: ["y"], attempts: 1 });
      await first.stops(aborted);
      await third.save("y");
      first.go();
      await aborted;
      const change = second.change({ appends: ["x"] });
      await second.stops(change);
      await first.arrives();
      await third.change({ appends: ["x"] });
      second.go();
      await change;
    },
  },
  {
    rule: "forgotten last",
    tells: "an intent of a committed transaction has no record any more, and is undone",
    anomaly: "lostWrite",
    async play(scene) {
      await scene.given({ x: [] });
      const applies = gate();
      const first = await scene.player({ around: before("apply", () => applies.opened) });
      const second = await scene.player();
      await first.change({ appends: ["x"] });
      await second.read("x");
      applies.open();
    },
  },
];

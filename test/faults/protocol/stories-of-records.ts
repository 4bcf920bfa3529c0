import { gate } from "../../support/stop.js";
import { late } from "../ground.js";
import { before, meets } from "./deeds.js";
import type { Story } from "./story.js";

/** The record of a transaction, on which everybody must agree. */
export const storiesOfRecords: readonly Story[] = [
  {
    rule: "fresh id",
    tells: "a begin that was sent again arrives late, and makes the record of an aborted transaction anew",
    anomaly: "incompatibleLists",
    async play(scene) {
      await scene.given({ x: [] });
      const first = await scene.player({ plan: meets({ begin: late }), stopAt: "intended" });
      const second = await scene.player({ senior: true });
      const change = first.change({ appends: ["x"] });
      await first.stops(change);
      await second.change({ appends: ["x"] });
      await first.arrives();
      first.go();
      await change;
    },
  },
  {
    rule: "commit minds the record",
    tells: "an aborted transaction commits",
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
    rule: "a doubtful commit is traced",
    tells: "the answer to a commit is lost, others finish and forget it, and the transaction runs once more",
    anomaly: "duplicateValue",
    async play(scene) {
      await scene.given({ x: [] });
      const others = await scene.player({ coordinator: "elsewhere" });
      const player = await scene.player({
        coordinator: "elsewhere",
        plan: meets({ commit: "loseReply" }),
        around: before("commit", () => others.recover(), { time: 2 }),
      });
      await player.change({ appends: ["x"] });
    },
  },
  {
    rule: "abort minds the record",
    tells: "a slow one who has seen a pending transaction deletes a committed one",
    anomaly: "incompatibleLists",
    async play(scene) {
      await scene.given({ x: [], y: [] });
      const [applies, aborting, aborts] = [gate(), gate(), gate()];
      const first = await scene.player({ stopAt: "intended", around: before("apply", () => applies.opened) });
      const slow = (): Promise<void> => {
        aborting.open();
        return aborts.opened;
      };
      const second = await scene.player({ senior: true, around: before("end record", slow) });
      const change = first.change({ appends: ["x", "y"] });
      await first.stops(change);
      const other = second.change({ appends: ["x"] });
      await aborting.opened;
      first.go();
      await change;
      aborts.open();
      await other;
      applies.open();
    },
  },
  {
    rule: "coordinators are told apart",
    tells: "a transaction whose record is kept elsewhere is undone, because there is none here",
    anomaly: "incompatibleLists",
    async play(scene) {
      await scene.given({ x: [] });
      const first = await scene.player({ coordinator: "elsewhere", stopAt: "intended" });
      const second = await scene.player();
      const change = first.change({ appends: ["x"] });
      await first.stops(change);
      await second.save("x");
      first.go();
      await change;
    },
  },
];

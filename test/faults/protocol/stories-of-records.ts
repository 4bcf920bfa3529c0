import { gate } from "../../support/stop.js";
import { late } from "../ground.js";
import { before, deedOf, meets } from "./deeds.js";
import type { Story } from "./story.js";

/** The record of a transaction, on which everybody must agree. */
export const storiesOfRecords: readonly Story[] = [
  {
    rule: "fresh id",
    tells: "a begin that was sent again arrives late, and makes the record of an aborted transaction anew",
    anomaly: "incompatibleLists",
    async play(scene) {
      await scene.given({ x: [] });
      const coordinator = "elsewhere";
      const first = await scene.player({ plan: meets({ begin: late }), stopAt: "intended", coordinator });
      const second = await scene.player({ senior: true, coordinator });
      const change = first.change({ appends: ["x"] });
      await first.stops(change);
      await second.change({ appends: ["x"] });
      await second.landed();
      await second.recover();
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
    tells: "a slow one who has seen a pending transaction aborts a committed one",
    anomaly: "incompatibleLists",
    async play(scene) {
      await scene.given({ x: [], y: [] });
      const [applies, aborting, aborts] = [gate(), gate(), gate()];
      const first = await scene.player({ stopAt: "intended", around: before("apply", () => applies.opened) });
      const slow = (): Promise<void> => {
        aborting.open();
        return aborts.opened;
      };
      const second = await scene.player({ senior: true, around: before("abort", slow) });
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
    rule: "withdraw minds the record",
    tells: "an owner without answers gives up a transaction that is committed, and of which others have seen a part",
    anomaly: "cycle",
    async play(scene) {
      await scene.given({ x: [], y: [] });
      const second = await scene.player();
      let commits = 0;
      const first = await scene.player({
        // Committed at once, but the owner does not hear of it however often it asks.
        plan: (sent) => (deedOf(sent) !== "commit" ? undefined : ++commits === 1 ? "loseReply" : "loseRequest"),
        around: before("commit", () => second.read("x"), { time: 2 }),
      });
      await first.change({ appends: ["x", "y"] });
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

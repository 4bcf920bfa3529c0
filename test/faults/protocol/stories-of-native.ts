import { atomic } from "dynatx";
import { keyOf, late } from "../ground.js";
import { before, meets } from "./deeds.js";
import type { Story } from "./story.js";

const kind = "DynamoDB Local";
const backend = atomic({ path: "native" });

/** Transactions of one request, beside each other and beside intents. */
export const storiesOfNative: readonly Story[] = [
  {
    rule: "native checks reads",
    tells: "two transactions that both read x and y write one of them each: write skew",
    anomaly: "cycle",
    kind,
    async play(scene) {
      await scene.given({ x: [], y: [] });
      const [first, second] = [await scene.player({ stopAt: "native sent" }), await scene.player()];
      const change = first.change({ sees: ["y"], appends: ["x"], backend });
      await first.stops(change);
      await second.change({ sees: ["x"], appends: ["y"], backend });
      first.go();
      await change;
    },
  },
  {
    rule: "native minds intents",
    tells: "the same, when the other has placed its intent and looked at what it has read",
    anomaly: "cycle",
    kind,
    async play(scene) {
      await scene.given({ x: [], y: [] });
      const [first, second] = [await scene.player({ stopAt: "validated" }), await scene.player({ senior: true })];
      const change = first.change({ sees: ["x"], appends: ["y"] });
      await first.stops(change);
      await second.change({ sees: ["y"], appends: ["x"], backend });
      first.go();
      await change;
    },
  },
  {
    rule: "native keeps its token",
    tells: "a late first send makes deleted items anew",
    anomaly: "cycle",
    kind,
    async play(scene) {
      await scene.given({ x: null, y: null });
      const [first, second] = [await scene.player({ plan: meets({ transact: late }) }), await scene.player()];
      await first.change({ appends: ["x", "y"], backend });
      await second.delete("x");
      await second.delete("y");
      await first.arrives();
    },
  },
  {
    rule: "native looks after doubt",
    tells: "a transaction that was applied, whose token DynamoDB has forgotten, runs once more",
    anomaly: "duplicateValue",
    kind,
    async play(scene) {
      await scene.given({ x: [], y: [] });
      let sends = 0;
      const player = await scene.player({
        plan: meets({ transact: "loseReply" }),
        around: async (sent, next) => {
          // Ten minutes later a token is as good as another one.
          if (sent.operation === "TransactWriteItems" && ++sends === 2)
            Object.assign(sent.body, { ClientRequestToken: scene.id("another") });
          await next();
        },
      });
      await player.change({ appends: ["x", "y"], backend });
    },
  },
  {
    rule: "native fences",
    tells: "a transaction is given up because of another program's change, and arrives when that was taken back",
    anomaly: "dirtyRead",
    kind,
    async play(scene) {
      await scene.given({ x: [], y: [] });
      const note = (S: string): Promise<void> => scene.raw.set(keyOf(scene.id("x")), "note", { S });
      await note("old");
      const player = await scene.player({
        plan: meets({ transact: late }),
        around: before("transact", () => note("new"), { time: 2 }),
      });
      await player.change({ appends: ["x", "y"], backend, attempts: 1 });
      await note("old");
      await player.arrives();
    },
  },
];

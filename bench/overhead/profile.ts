/** Where the time of one operation passes: `npm run bench:profile -- "dynatx" update`. */
import { profileOf } from "../framework/profile.js";
import type { Share } from "../framework/profile.js";
import { printed } from "../framework/table.js";
import { operations } from "./contestant.js";
import { contestants } from "./contestants/index.js";
import { stubbedWork } from "./work.js";

const times = 4000;
const shown = 20;

const [name = "dynatx", wanted = "get"] = process.argv.slice(2);
const contestant = contestants.find((each) => each.name === name);
const operation = operations.find((each) => each === wanted);
if (contestant === undefined || operation === undefined || contestant.does[operation] === undefined) {
  const names = contestants.map((each) => `"${each.name}"`).join(", ");
  throw new Error(`there is no ${wanted} of ${name}: contestants are ${names}; operations ${operations.join(", ")}`);
}

const work = await stubbedWork(contestant, operation);
for (let time = 0; time < times / 4; time++) await work(); // until it is compiled
const { totalUs, packages, functions } = await profileOf(work, times);

function show(title: string, shares: readonly Share[]): void {
  const rows = shares
    .slice(0, shown)
    .map(({ place, us }) => [place, us.toFixed(1), `${((100 * us) / totalUs).toFixed(1)} %`]);
  console.log(printed({ title, columns: ["", "µs", "share"], rows }));
}

show(`${name}, ${operation}: ${totalUs.toFixed(0)} µs, by package`, packages);
show("by function, each without what it calls", functions);

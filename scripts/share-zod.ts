import { readdirSync, readFileSync, writeFileSync } from "node:fs";

/** The one door of zod that our sources use at run time. */
const door = "zod/v4/core";

/** Loads zod when our code first needs it, unless an ESM program has handed its own copy over by then. */
const holder = `"use strict";
let core;
exports.use = (loaded) => { core ??= loaded; };
Object.defineProperty(exports, "core", { get: () => (core ??= require("${door}")) });
`;

const handover = `import * as core from "${door}";
import holder from "./zod.js";
holder.use(core);
`;

/**
 * zod is two sets of files, and an ESM program has the ESM ones. A plain `require` in our CommonJS code would load zod a
 * second time there, 60 language files included: 30 ms, and classes that are not the program's own. So the code asks a
 * holder for zod, and `zod.mjs`, which the ESM facades import first, gives it the program's copy.
 */
export function shareZod(folder: string): void {
  for (const file of readdirSync(folder)) {
    const code = readFileSync(`${folder}/${file}`, "utf8");
    const shared = code.replaceAll(`require("${door}")`, 'require("./zod.js").core');
    if (shared.includes('require("zod')) throw new Error(`${file}: at run time, import zod as "${door}" only`);
    if (shared !== code) writeFileSync(`${folder}/${file}`, shared);
  }
  writeFileSync(`${folder}/zod.js`, holder);
  writeFileSync(`${folder}/zod.mjs`, handover);
}

import { described } from "./machine.js";
import type { Machine } from "./machine.js";
import { markdown } from "./table.js";
import type { SuiteResult } from "../suite.js";

/** Puts text between `<!-- name -->` and `<!-- /name -->` of a document, in place of what stood there. Throws without the two. */
export function fillIn(document: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [document.indexOf(begin), document.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the document has no place for ${name}: it needs ${begin} and ${end}`);
  return `${document.slice(0, from + begin.length)}\n\n${text}\n\n${document.slice(to)}`;
}

/** What a suite found, for `docs/performance.md`; its plots lie in `bench/` beside it. */
export function sectionOf({ tables, plots, contestants }: SuiteResult, machine: Machine): string {
  return [
    described(machine),
    ...plots.map(({ name, alt }) => `![${alt}](bench/${name}.svg)`),
    ...tables.map(markdown),
    markdown(contestants),
  ].join("\n\n");
}

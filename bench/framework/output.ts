import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format } from "prettier";
import type { SuiteResult } from "../suite.js";
import type { Machine } from "./machine.js";
import { fillIn, sectionOf } from "./report.js";
import { markdown } from "./table.js";

const printWidth = 120; // as the project's own documents

/** Where results are written: a folder laid out as the project is. */
export class Output {
  readonly #folder: string;
  readonly #project: string;

  /** `project`: where the documents are taken from that `folder` has not got yet. */
  constructor(folder: string, project: string) {
    this.#folder = folder;
    this.#project = project;
  }

  /** Replaces what the documents, the JSON and the plots say of one suite. What they say of others stays. */
  async write(suite: string, result: SuiteResult, machine: Machine): Promise<void> {
    await mkdir(join(this.#folder, "docs/bench"), { recursive: true });
    for (const { name, svg } of result.plots) await writeFile(join(this.#folder, `docs/bench/${name}.svg`), svg);
    await this.#edit("docs/performance.md", (text) => fillIn(text, `bench:${suite}`, sectionOf(result, machine)));
    await this.#edit("README.md", (text) => fillIn(text, `bench:${suite}`, markdown(result.headline)));
    const { data, failures } = result;
    await this.#edit("docs/bench/results.json", (text) => {
      // True: this is the only writer of the file.
      const all = JSON.parse(text) as Record<string, unknown>;
      return JSON.stringify({ ...all, [suite]: { machine, failures, data } });
    });
  }

  async #edit(path: string, change: (text: string) => string): Promise<void> {
    const parser = path.endsWith(".json") ? "json" : "markdown";
    const changed = await format(change(await this.#read(path)), { parser, printWidth });
    await writeFile(join(this.#folder, path), changed);
  }

  async #read(path: string): Promise<string> {
    for (const folder of [this.#folder, this.#project]) {
      const text = await readFile(join(folder, path), "utf8").catch(() => undefined); // not there yet
      if (text !== undefined) return text;
    }
    return path.endsWith(".json") ? "{}" : "";
  }
}

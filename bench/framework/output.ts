import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format } from "prettier";
import type { SuiteResult } from "../suite.js";
import { briefly } from "./machine.js";
import type { Machine } from "./machine.js";
import { fillIn, sectionOf } from "./report.js";
import { markdown } from "./table.js";

const printWidth = 120; // as the project's own documents

/** Where results are written: the project itself, or a folder that gets copies of its documents. */
export class Output {
  readonly #folder: string;
  readonly #project: string;
  /** What has been written already, so that it is to be added to. */
  readonly #begun = new Set<string>();

  constructor(folder: string, project: string) {
    this.#folder = folder;
    this.#project = project;
  }

  /** Replaces what the documents, the JSON and the plots say of one suite. What they say of others stays. */
  async write(suite: string, result: SuiteResult, machine: Machine): Promise<void> {
    await mkdir(join(this.#folder, "docs/bench"), { recursive: true });
    for (const { name, svg } of result.plots) await writeFile(join(this.#folder, `docs/bench/${name}.svg`), svg);
    await this.#edit("docs/performance.md", (text) => fillIn(text, `bench:${suite}`, sectionOf(result, machine)));
    await this.#edit("README.md", (text) =>
      fillIn(text, `bench:${suite}`, `${markdown(result.headline)}\n\n${briefly(machine)}`),
    );
    const { data, failures } = result;
    await this.#edit("docs/bench/results.json", (text) => {
      // True: this is the only writer of the file.
      const all = JSON.parse(text) as Record<string, unknown>;
      return JSON.stringify({ ...all, [suite]: { machine, failures, data } });
    });
  }

  async #edit(path: string, change: (text: string) => string): Promise<void> {
    const parser = path.endsWith(".json") ? "json" : "markdown";
    const from = join(this.#begun.has(path) ? this.#folder : this.#project, path);
    // A first run makes the JSON.
    const text = await readFile(from, "utf8").catch((error: unknown) => {
      if (parser === "json") return "{}";
      throw error;
    });
    await writeFile(join(this.#folder, path), await format(change(text), { parser, printWidth }));
    this.#begun.add(path);
  }
}

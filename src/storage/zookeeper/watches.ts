/** What is told when a node changes. */
export type OnChange = () => void;

/**
 * Those who wait for a change of nodes. The library keeps a watcher until it fires, so each path has one watcher there, and
 * any number of listeners here, which may leave.
 */
export class Watches {
  readonly #listeners = new Map<string, Set<OnChange>>();
  readonly #watchers = new Map<string, () => void>();

  /** The one watcher of a path, to be handed to the library; `onChange` is called once at most, and not after the signal aborts. */
  add(path: string, onChange: OnChange, signal: AbortSignal | undefined): () => void {
    const listeners = this.#listeners.get(path) ?? new Set();
    this.#listeners.set(path, listeners.add(onChange));
    signal?.addEventListener("abort", () => listeners.delete(onChange), { once: true });
    const watcher = this.#watchers.get(path) ?? ((): void => this.#fire(path));
    this.#watchers.set(path, watcher);
    return watcher;
  }

  /** Nothing is told any more of what happens: everybody has to look. */
  fireAll(): void {
    for (const path of [...this.#listeners.keys()]) this.#fire(path);
  }

  #fire(path: string): void {
    const listeners = this.#listeners.get(path);
    this.#listeners.delete(path);
    this.#watchers.delete(path);
    for (const listener of listeners ?? []) listener();
  }
}

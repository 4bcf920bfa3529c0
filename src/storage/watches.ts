/** What is told when something changes. */
export type OnChange = () => void;

/**
 * Those who wait for changes, by path. A store's client may keep a watcher until it fires: each path has one watcher there,
 * and any number of listeners here, which may leave.
 */
export class Watches {
  readonly #listeners = new Map<string, Set<OnChange>>();
  readonly #watchers = new Map<string, () => void>();

  /** The one watcher of a path, to be handed to the store's client; `onChange` is called once at most, and not after the signal aborts. */
  add(path: string, onChange: OnChange, signal: AbortSignal | undefined): () => void {
    const listeners = this.#listeners.get(path) ?? new Set();
    const leave = (): void => void listeners.delete(listener);
    const listener = (): void => {
      signal?.removeEventListener("abort", leave);
      onChange();
    };
    signal?.addEventListener("abort", leave, { once: true });
    this.#listeners.set(path, listeners.add(listener));
    const watcher = this.#watchers.get(path) ?? ((): void => this.fire(path));
    this.#watchers.set(path, watcher);
    return watcher;
  }

  /** Drops what is kept of a path that nobody waits for. */
  forget(path: string): void {
    if (this.#listeners.get(path)?.size !== 0) return;
    this.#listeners.delete(path);
    this.#watchers.delete(path);
  }

  /** Nothing is told any more of what happens: everybody has to look. */
  fireAll(): void {
    for (const path of [...this.#listeners.keys()]) this.fire(path);
  }

  /** Tells everybody who waits for a path. */
  fire(path: string): void {
    const listeners = this.#listeners.get(path);
    this.#listeners.delete(path);
    this.#watchers.delete(path);
    for (const listener of listeners ?? []) listener();
  }
}

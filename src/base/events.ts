/** Where events are told. */
export interface EventSource<Events extends object> {
  /** Whether anybody listens to `name` events; asked where even preparing to tell would cost something. */
  listened(name: keyof Events): boolean;
  emit<Name extends keyof Events>(name: Name, event: () => Events[Name]): void;
}

/** Listeners by event name, typed by `Events`. Emitting without a listener costs one map look-up. */
export class Emitter<Events extends object> implements EventSource<Events> {
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>();

  /** Calls `listener` at each `name` event until the returned function is called. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  listened(name: keyof Events): boolean {
    const listeners = this.#listeners.get(name);
    return listeners !== undefined && listeners.size > 0;
  }

  /** The event is made only when somebody listens. A listener that throws does not disturb the operation it reports. */
  emit<Name extends keyof Events>(name: Name, event: () => Events[Name]): void {
    const listeners = this.#listeners.get(name);
    if (listeners === undefined || listeners.size === 0) return;
    const made = event();
    for (const listener of [...listeners]) {
      try {
        // True: `on` put only listeners of this name's event into the set.
        (listener as (event: Events[Name]) => void)(made);
      } catch (error) {
        surface(error);
      }
    }
  }
}

/** Makes what a listener threw an uncaught exception of its own, apart from the operation it listened to. */
export function surface(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

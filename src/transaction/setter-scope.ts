import { AsyncLocalStorage } from "node:async_hooks";

const scope = new AsyncLocalStorage<true>();

/** Runs a setter, so that commits begun inside know where they are: they must not wait for the one they are part of. */
export function asSetter<T>(work: () => T): T {
  return scope.run(true, work);
}

/** Whether this runs inside a setter, however deep. */
export function insideSetter(): boolean {
  return scope.getStore() === true;
}

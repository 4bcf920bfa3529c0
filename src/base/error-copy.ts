/**
 * An error of one's own where one failure hits many: the same class, message, fields and cause. What one caller adds to
 * the error it was given (or a framework to its stack) does not show on the others'. Anything but an `Error` stays itself.
 */
export function copyOfError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const copy = new Error(error.message);
  Object.setPrototypeOf(copy, Object.getPrototypeOf(error) as object | null);
  for (const name of Reflect.ownKeys(error)) {
    const property = Object.getOwnPropertyDescriptor(error, name);
    // The stack stays the copy's own: in some versions of Node it is bound to the object it was made for.
    if (property !== undefined && name !== "stack") Object.defineProperty(copy, name, property);
  }
  if (error.stack !== undefined) copy.stack = error.stack;
  return copy;
}

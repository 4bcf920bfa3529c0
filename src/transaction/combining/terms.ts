import { ValidationError } from "../../base/errors.js";
import type { Combine } from "../types.js";

const defaultSetterTimeoutMs = 5000;
/** Timers know no longer waits. */
const maxSetterTimeoutMs = 2 ** 31 - 1;

/** How long a setter of a combined commit may take, in milliseconds; `undefined`: not combined. Throws `ValidationError`. */
export function setterTimeoutOf(
  policy: { readonly name: string; readonly combine: Combine },
  option: Combine | undefined,
): number | undefined {
  const combine = option === undefined || (option === true && policy.combine !== false) ? policy.combine : option;
  if (combine === false) return undefined;
  const { setterTimeoutMs = defaultSetterTimeoutMs } = combine === true ? {} : combine;
  if (!(setterTimeoutMs > 0 && setterTimeoutMs <= maxSetterTimeoutMs)) {
    throw new ValidationError(
      `${policy.name}: setterTimeoutMs must be milliseconds, more than 0 and at most ${maxSetterTimeoutMs}, but it is ${setterTimeoutMs}`,
    );
  }
  return setterTimeoutMs;
}

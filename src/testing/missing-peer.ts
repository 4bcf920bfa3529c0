import { ValidationError } from "../base/errors.js";

/** The error of a helper whose optional package is not installed (or does not load; the `cause` says). */
export function missingPeer(user: string, name: string, cause: unknown): ValidationError {
  return new ValidationError(`${user} needs the package ${name}: npm install --save-dev ${name}`, { cause });
}

import { StorageError } from "../base/tx-errors.js";
import { ValidationError } from "../base/errors.js";

/** A value as JSON holds it. Its type is what `JSON.parse` gives: what is in a record, its users know. */
export type Json = ReturnType<typeof JSON.parse>;

/**
 * A deep copy of a value as JSON would bring it back. Throws `ValidationError` for what JSON does not hold or would
 * change: numbers that are none, big integers, functions, symbols, circles. `undefined` becomes null, and is left out of
 * objects.
 */
export function jsonCopy(value: unknown, what: string): Json {
  return JSON.parse(strictText(value, what));
}

function strictText(value: unknown, what: string): string {
  try {
    return JSON.stringify(value, refuseLoss) ?? "null";
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ValidationError(`${what} cannot be stored as JSON: ${reason}`, { cause: error });
  }
}

function refuseLoss(name: string, value: unknown): unknown {
  const kind = typeof value;
  const lost =
    kind === "function" || kind === "symbol" || kind === "bigint" || (kind === "number" && !Number.isFinite(value));
  if (lost) throw new TypeError(`${name === "" ? "it" : JSON.stringify(name)} is ${String(value)}`);
  return value;
}

/**
 * JSON with a space after each comma and colon, and letters as they are: the form in which the original client writes,
 * byte for byte.
 */
export function spacedJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((element) => spacedJson(element)).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}: ${spacedJson(member)}`);
  return `{${members.join(", ")}}`;
}

/** The value of stored JSON text. Throws `StorageError` for text that is none. */
export function parseJson(text: string, path: string): Json {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new StorageError(`${path} holds no JSON`, { path, cause: error });
  }
}

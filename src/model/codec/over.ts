/** Storing a value over one that is stored already. */
import { sameAttribute } from "../../dynamodb/attribute.js";
import type { AttributeValue } from "../../dynamodb/attribute.js";
import { Unstorable } from "./codec.js";
import type { Codec } from "./codec.js";

/** Whether a stored value, read and stored again, takes this form. `old`: what its own unknown members are taken from. */
export function standsFor(
  codec: Codec,
  stored: AttributeValue,
  encoded: AttributeValue | undefined,
  old?: AttributeValue,
): boolean {
  try {
    return sameAttribute(codec.encode(codec.decode(stored), old), encoded);
  } catch (error) {
    if (error instanceof Unstorable) return false; // of another type than the schema's
    throw error;
  }
}

/**
 * The stored form of a value in the place of `old`, which stays where it reads as the same value: other programs write
 * dates and numbers in other ways, and a save must not touch what nobody has changed.
 */
export function encodeOver(codec: Codec, value: unknown, old: AttributeValue | undefined): AttributeValue | undefined {
  const encoded = codec.encode(value, old);
  if (old === undefined) return encoded;
  // The old one also where they are alike: who compares them again then sees it at once.
  return sameAttribute(encoded, old) || standsFor(codec, old, encoded, old) ? old : encoded;
}

import { safeEncode } from "zod/v4/core";
import type { $ZodType } from "zod/v4/core";
import { Unstorable } from "./codec.js";

/** What the input side of a codec makes of a value of its output side. Throws `Unstorable`. */
export function encodedInput(schema: $ZodType, value: unknown): unknown {
  const result = safeEncode(schema, value);
  if (result.success) return result.data;
  throw new Unstorable(result.error.issues.map(({ message }) => message).join("; "));
}

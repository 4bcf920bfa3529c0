/** What zod's definitions say, where it takes more than a look. */
import type { $ZodType, $ZodTypes } from "zod/v4/core";

/** Whether a value passes a transform, which cannot be undone, before it is of this schema. */
export function holdsTransform(schema: $ZodType): boolean {
  // True: every schema class of zod is one of the union.
  const { def } = (schema as $ZodTypes)._zod;
  if (def.type === "transform") return true;
  if (def.type === "pipe") return holdsTransform(def.in) || holdsTransform(def.out);
  return "innerType" in def && holdsTransform(def.innerType);
}

export function isEmptySet(value: unknown): boolean {
  return value instanceof Set && value.size === 0;
}

/** A TypeScript enum with numbers lists them by value too; those entries are not values. */
export function enumValues(entries: Readonly<Record<string, string | number>>): (string | number)[] {
  const numbers = Object.values(entries).filter((value) => typeof value === "number");
  return Object.entries(entries)
    .filter(([name]) => !numbers.includes(Number(name)))
    .map(([, value]) => value);
}

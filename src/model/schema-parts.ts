import type { $ZodType, $ZodTypes } from "zod/v4/core";

/** A schema without the wrappers that say what happens when the value is missing. */
export function unwrapped(schema: $ZodType): $ZodTypes {
  // True: every schema class of zod is one of the union, told apart by def.type.
  const known = schema as $ZodTypes;
  switch (known._zod.def.type) {
    case "optional":
    case "nullable":
    case "default":
    case "prefault":
    case "nonoptional":
    case "readonly":
    case "catch":
      return unwrapped(known._zod.def.innerType);
    case "lazy":
      return unwrapped(known._zod.def.getter());
    default:
      return known;
  }
}

/** The schema of a named member of an object or record, where there is one. */
export function memberSchema(schema: $ZodType | undefined, name: string): $ZodType | undefined {
  const { def } = schema === undefined ? { def: undefined } : unwrapped(schema)._zod;
  if (def?.type === "object") return Object.hasOwn(def.shape, name) ? def.shape[name] : undefined;
  return def?.type === "record" ? def.valueType : undefined;
}

/** The schema of the elements of a list or set, where there is one. */
export function elementSchema(schema: $ZodType | undefined): $ZodType | undefined {
  const { def } = schema === undefined ? { def: undefined } : unwrapped(schema)._zod;
  if (def?.type === "array") return def.element;
  return def?.type === "set" ? def.valueType : undefined;
}

/** What a missing value of this schema reads as. */
export function defaultOf(schema: $ZodType | undefined): unknown {
  // True: as in `unwrapped`.
  const { def } = schema === undefined ? { def: undefined } : (schema as $ZodTypes)._zod;
  return def?.type === "default" || def?.type === "prefault" ? def.defaultValue : undefined;
}

/** Whether a number's schema admits only integers: z.int(), or z.number() with the check int(). */
export function isInteger(schema: $ZodType | undefined): boolean {
  if (schema === undefined) return false;
  const { def } = unwrapped(schema)._zod;
  if (def.type !== "number") return false;
  return [def, ...(def.checks ?? []).map((check) => check._zod.def)].some(isIntegerFormat);
}

function isIntegerFormat(def: object): boolean {
  return "format" in def && typeof def.format === "string" && def.format.includes("int");
}

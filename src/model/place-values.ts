/** Values that an update gives to one attribute or member, validated by its own schema. */
import { safeParse } from "zod/v4/core";
import type { $ZodType } from "zod/v4/core";
import type { AttributeValue } from "../dynamodb/attribute.js";
import { within } from "./codec/codec.js";
import type { Codec } from "./codec/codec.js";
import { encodeOperand } from "./scope.js";
import type { Place } from "./scope.js";
import { elementSchema } from "./schema-parts.js";
import { checkValue } from "./validate.js";

/** The stored form of a value. Throws `Unstorable`. */
export function encodeChecked({ codec, schema }: Place, value: unknown): AttributeValue | undefined {
  if (schema === undefined) return encodeOperand(codec, value);
  return codec.encode(checkValue(schema, codec, value));
}

/** Elements of a list or set in the form its codec encodes. Throws `Unstorable`. */
export function checkElements(
  elements: readonly unknown[],
  list: $ZodType | undefined,
  codec: Codec | undefined,
): unknown[] {
  const schema = elementSchema(list);
  return elements.map((element, index) =>
    within(index, () => (schema === undefined || codec === undefined ? element : checkValue(schema, codec, element))),
  );
}

/** Whether an item without the attribute would still fit the schema. */
export function mayBeAbsent({ codec, schema }: Place): boolean {
  return schema === undefined || codec.absent !== undefined || safeParse(schema, undefined).success;
}

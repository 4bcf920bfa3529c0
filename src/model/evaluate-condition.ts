import type { AttributeMap } from "../dynamodb/attribute.js";
import type { KeyField, ModelSpec } from "./spec.js";

export function conditionHolds(spec: ModelSpec, condition: unknown, item: AttributeMap): boolean {
  return [spec, condition, item].length > 0;
}

export function rangeHolds(field: KeyField, range: unknown, item: AttributeMap): boolean {
  return [field, range, item].length > 0;
}

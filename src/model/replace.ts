/** Saves of new instances where an item is in the place: writes over what is known to be there. */
import { attributeOf } from "../dynamodb/attribute.js";
import type { AttributeMap } from "../dynamodb/attribute.js";
import { newState } from "./item.js";
import { saveOf } from "./save.js";
import type { Saveable } from "./save.js";
import type { Values } from "./validate.js";
import type { Write } from "./write.js";

/** Saves a new instance over the item that was found: attributes outside the schema, and the time of creation, stay. */
export function saveOver(item: Saveable, found: AttributeMap, condition: unknown): Write {
  const { spec, connection } = item.binding;
  const values: Values = Object.assign(Object.create(null), item.values);
  if (spec.createdAt !== undefined) {
    const created = attributeOf(found, spec.createdAt.stored);
    const { name, codec } = spec.createdAt;
    values[name] = created === undefined ? new Date(connection.clock.now()) : codec.decode(created);
  }
  return saveOf({ ...item, values, state: { image: found, current: found, generatedKey: false } }, condition);
}

/** Saves an instance as a new item in place of the one that was there: nothing of that one stays. */
export function saveAnew(item: Saveable, before: AttributeMap | undefined, condition: unknown): Write {
  return { ...saveOf({ ...item, state: newState() }, condition), before };
}

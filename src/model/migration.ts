import { VersionError, describeItem } from "../base/errors.js";
import type { KeyValues } from "../base/errors.js";
import type { AttributeMap } from "../dynamodb/attribute.js";
import { decodeDynamicMap, encodeDynamicMap } from "./codec/dynamic.js";

/** One version of a model's stored form. The list goes from the oldest version to the newest. */
export interface Migration {
  readonly version: string | number;
  /** Whether a stored item has this version. The newest version that says yes counts. */
  detect(raw: Readonly<Record<string, unknown>>): boolean;
  /**
   * Brings an item of the version before to this one, in place or as a new object. Values are plain: text, numbers
   * (bigint where a number would lose digits), sets, arrays, objects; dates are the ISO text that is stored.
   */
  migrate(raw: Record<string, unknown>): Record<string, unknown>;
}

/** The stored form of the newest version: the same object when the item is of that version already. */
export function migrated(
  migrations: readonly Migration[],
  stored: AttributeMap,
  item: { readonly table: string; readonly key: KeyValues },
): AttributeMap {
  if (migrations.length === 0) return stored;
  const raw = decodeDynamicMap(stored);
  const found = migrations.findLastIndex((migration) => migration.detect(raw));
  if (found === -1) {
    const known = migrations.map(({ version }) => version).join(", ");
    throw new VersionError(`${describeItem(item.table, item.key)} has none of the known versions (${known})`, item);
  }
  const steps = migrations.slice(found + 1);
  if (steps.length === 0) return stored;
  return encodeDynamicMap(
    steps.reduce((values, step) => step.migrate(values), raw),
    stored,
  );
}

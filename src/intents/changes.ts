import { plainMap, restoredMap } from "../dynamodb/attribute-text.js";
import { attributeOf, sameAttribute } from "../dynamodb/attribute.js";
import type { AttributeMap } from "../dynamodb/attribute.js";

/** What a write changes in an item, apart from its write ids. */
export interface Changes {
  readonly set: AttributeMap;
  readonly remove: readonly string[];
}

/** The changes from one image to another; key attributes and the write ids (`apart`) are left out. */
export function changesBetween(
  before: AttributeMap | undefined,
  after: AttributeMap,
  apart: (name: string) => boolean,
): Changes {
  const set: Record<string, AttributeMap[string]> = Object.create(null);
  for (const [name, value] of Object.entries(after)) {
    if (!apart(name) && !sameAttribute(before && attributeOf(before, name), value)) set[name] = value;
  }
  const remove = Object.keys(before ?? {}).filter((name) => !apart(name) && !Object.hasOwn(after, name));
  return { set, remove };
}

export function changesText({ set, remove }: Changes): string {
  return JSON.stringify({ s: plainMap(set), ...(remove.length > 0 && { r: remove }) });
}

export function changesOf(text: string): Changes {
  // True: `changesText` wrote it.
  const { s, r = [] } = JSON.parse(text) as { s: Record<string, object>; r?: string[] };
  return { set: restoredMap(s), remove: r };
}

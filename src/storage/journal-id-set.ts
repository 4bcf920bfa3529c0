import { RangeSet } from "../base/range-set.js";
import type { Range } from "../base/range-set.js";
import type { JournalIdSet } from "./types.js";

/** The set of journal ids from its stored form, in which either part may be missing. */
export function journalIdSet(stored: { readonly [S in keyof JournalIdSet]?: Iterable<Range> } = {}): JournalIdSet {
  return { COMMITTED: new RangeSet(stored.COMMITTED), PURGED: new RangeSet(stored.PURGED) };
}

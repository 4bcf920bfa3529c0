/** What one transaction has read and is about to write, as it is committed. */
import type { KeyValues } from "../base/errors.js";
import type { AttributeMap } from "../dynamodb/attribute.js";
import type { Binding } from "./binding.js";
import type { Write } from "./write.js";

/** An item that was read and is not written: at the commit it must still be what was read. */
export interface ReadItem {
  readonly binding: Binding;
  readonly key: AttributeMap;
  readonly keyValues: KeyValues;
  /** As it was read; `undefined`: absent. */
  readonly image: AttributeMap | undefined;
}

/** All that must hold and happen at once. No item stands in it twice. */
export interface Footprint {
  readonly writes: readonly Write[];
  readonly reads: readonly ReadItem[];
}

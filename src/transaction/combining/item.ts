import type { Binding } from "../../model/binding.js";
import type { ItemKey } from "../../model/key.js";
import type { RuntimeModel } from "../../model/model-core.js";

/** One item, as one model class on one connection sees it: what commits must share to be combined. */
export interface CombinedItem {
  readonly model: RuntimeModel;
  readonly binding: Binding;
  readonly key: ItemKey;
}

import { ConflictError, ValidationError } from "../base/errors.js";
import { readImage } from "./image.js";
import { loadItem } from "./item.js";
import { loadInstance } from "./model-core.js";
import type { RuntimeModel } from "./model-core.js";
import { saveItem } from "./save.js";
import { updateItem } from "./update-item.js";
import type { Update } from "./update-item.js";

/** How often an item of an old version that others change meanwhile is read again. */
const maxForwards = 10;

/** Updates an item and resolves with it as an instance; see `ModelStatics.update`. */
export async function modelUpdate(
  model: RuntimeModel,
  update: Update,
  signal: AbortSignal | undefined,
): Promise<object> {
  const { binding } = update;
  if (binding.spec.migrations.length > 0) await bringForward(update, signal);
  const image = await updateItem(update, signal);
  try {
    return await loadInstance(model, binding, image, true);
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    const { issues, table, key } = error;
    throw new ValidationError(`the update was applied, and now ${error.message}`, { issues, table, key, cause: error });
  }
}

/** Saves an item of an old version in the newest one first: changes are named by the attributes of that one. */
async function bringForward({ binding, key }: Update, signal: AbortSignal | undefined): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const image = await readImage(binding, key, { signal });
    if (image === undefined) return; // the update itself says that there is no such item
    const { values, state } = loadItem(binding, image, true);
    if (state.current === image) return;
    try {
      return await saveItem({ binding, values, state }, { raiseOnConflict: true, signal });
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt >= maxForwards) throw error;
    }
  }
}

/** Changes of one item that are tried on copies, one upon the other, and then written as one. */
import { ConflictError, ValidationError } from "../base/errors.js";
import type { AttributeMap } from "../dynamodb/attribute.js";
import type { Binding } from "./binding.js";
import { heldSaveableOf, hold, internalsOf, loadInstance, release } from "./model-core.js";
import type { RuntimeModel } from "./model-core.js";
import { saveOf, saved, snapshot } from "./save.js";
import { applyGuarded } from "./settle.js";
import type { Values } from "./validate.js";
import { imageAfter } from "./write.js";
import type { Write } from "./write.js";

/** A changed copy that may be written. */
export interface Trial {
  readonly instance: object;
  /** From the image the copy was made of to what it holds now. Never sent: its write id is in no item. */
  readonly write: Write;
  /** What the copy held when it was accepted. */
  readonly given: Values;
  /** The item with this change, for the next copy. */
  readonly image: AttributeMap;
}

/**
 * An instance of the image, loaded as a read would (`afterLoad` runs). It cannot be saved, deleted or reloaded by
 * itself before `writeTrials` has written it: the attempt calls `onUse` and throws `ConflictError`. For the image may
 * hold what others have tried, which nobody must publish apart from them.
 */
export async function copyOf(
  model: RuntimeModel,
  binding: Binding,
  image: AttributeMap,
  onUse: () => void,
): Promise<object> {
  const instance = await loadInstance(model, binding, image, true);
  hold(instance, onUse);
  return instance;
}

/**
 * Accepts a changed copy: runs `beforeSave`, validates, encodes, measures, and sees that its key is the same. Throws
 * `ValidationError`, and what the hook throws; then nothing of the copy remains.
 */
export async function acceptCopy(instance: object): Promise<Trial> {
  const hook = internalsOf(instance).model.beforeSave(instance);
  if (hook !== undefined) await hook;
  const saveable = heldSaveableOf(instance);
  const given = snapshot(saveable);
  const write = unchangedKey(() => saveOf(saveable, undefined));
  const image = imageAfter(write);
  if (image === undefined) throw new Error("a save leaves an item"); // saveOf makes no deletes
  return { instance, write, given, image };
}

/** A changed key would be changed again at each further attempt: it is not a conflict to be retried. */
export function unchangedKey(make: () => Write): Write {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    const { message, table, key } = error;
    throw new ValidationError(message, { table, key, cause: error });
  }
}

/**
 * Writes what the last of the trials holds over the image that the first was made of, by one conditional write, and
 * resolves with the image as it is then. The last instance can be saved again afterwards. The others carry a write id
 * that no item has: saving them with `raiseOnConflict` is a conflict, as they know nothing of those after them. Throws
 * what `save({ raiseOnConflict: true })` throws; then the copies stay as they were.
 */
export async function writeTrials(before: AttributeMap, trials: readonly [Trial, ...Trial[]]): Promise<AttributeMap> {
  const last = trials.at(-1) ?? trials[0];
  const write: Write = { ...last.write, before };
  await applyGuarded(write, write.binding.spec.concurrency, undefined);
  for (const trial of trials) {
    saved(heldSaveableOf(trial.instance), trial === last ? write : trial.write, trial.given);
    release(trial.instance);
  }
  return imageAfter(write) ?? last.image; // a save leaves an item
}

import { ItemNotFoundError, TargetNotFoundError } from "../base/errors.js";
import { internalsOf } from "../model/model-core.js";
import type { TransactorParts } from "./transactor.js";

/** The target of a getter. Throws `TargetNotFoundError` when it finds none. */
export async function getTarget(getter: TransactorParts["getter"]): Promise<object> {
  let target: unknown;
  try {
    target = await getter();
  } catch (error) {
    if (!(error instanceof ItemNotFoundError) || error instanceof TargetNotFoundError) throw error;
    throw targetNotFound(error);
  }
  if (target === undefined || target === null)
    throw new TargetNotFoundError("the target of a transaction was not found: its getter returned nothing");
  internalsOf(Object(target)); // refuses what is no instance of a model
  return Object(target);
}

export function targetNotFound(error: ItemNotFoundError): TargetNotFoundError {
  const { table, key, message } = error;
  return new TargetNotFoundError(`the target of a transaction was not found: ${message}`, { table, key, cause: error });
}

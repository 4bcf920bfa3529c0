import { ValidationError } from "../base/errors.js";
import type { ModelInstance } from "../model/model-types.js";

declare const transactorMark: unique symbol;

/** One target and what happens to it. Opaque, so that transactors of different models fit one list. */
export interface Transactor {
  readonly [transactorMark]: true;
}

/** A transactor as backends see it. */
export interface TransactorParts {
  readonly getter: () => unknown;
  readonly setter: (target: never) => unknown;
}

/** What a transactor is behind its type. */
class Pair implements TransactorParts {
  readonly getter: TransactorParts["getter"];
  readonly setter: TransactorParts["setter"];

  constructor(getter: TransactorParts["getter"], setter: TransactorParts["setter"]) {
    this.getter = getter;
    this.setter = setter;
  }
}

/**
 * Pairs a getter, which reads a target (`Account.at(id)` or any function; it may return a new instance, which is then
 * created), with a setter, which changes it in place. Both run again after a conflict, so neither may have effects
 * elsewhere. What the setter returns is awaited and ignored. Throws `ValidationError` for anything but functions.
 */
export function transactor<M extends ModelInstance>(
  getter: () => M | undefined | PromiseLike<M | undefined>,
  setter: (target: NoInfer<M>) => unknown,
): Transactor {
  if (typeof getter !== "function" || typeof setter !== "function")
    throw new ValidationError("transactor(getter, setter) takes two functions: the getter is called at each attempt");
  // The mark exists only for the compiler.
  return new Pair(getter, setter) as unknown as Transactor;
}

/** The parts of what `transactors()` returned. Throws `ValidationError` for anything but a list of what `transactor` made. */
export function partsOf(list: readonly Transactor[]): readonly TransactorParts[] {
  const made: readonly unknown[] = Array.isArray(list) ? list : [undefined];
  return made.map((each) => {
    if (each instanceof Pair) return each;
    throw new ValidationError("transactors() must return a list of transactor(getter, setter)");
  });
}

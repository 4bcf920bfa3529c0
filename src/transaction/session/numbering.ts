import { nextNumber } from "../../model/auto-increment.js";
import { bindingOf, checkBeforeSave, internalsOf, saveableOf } from "../../model/model-core.js";
import type { WriteOptions } from "../../model/save.js";

/** The instances of one attempt whose keys the library makes: numbers of a counter. */
export class Numbering {
  /** To be stored once they have been given a number. */
  readonly #waiting = new Map<object, WriteOptions>();
  /** Those that were given one. */
  readonly #numbered = new Set<object>();

  get waiting(): readonly object[] {
    return [...this.#waiting.keys()];
  }

  /** Whether an instance waits for its number. */
  has(instance: object): boolean {
    return this.#waiting.has(instance);
  }

  add(instance: object, options: WriteOptions): void {
    this.#waiting.set(instance, options);
  }

  /** Resolves with whether it did wait. */
  delete(instance: object): boolean {
    return this.#waiting.delete(instance);
  }

  /** Gives an instance its number. Resolves with how it is to be stored. */
  async give(instance: object, signal: AbortSignal | undefined): Promise<WriteOptions> {
    const { binding, values, state } = saveableOf(instance);
    const { hash } = binding.spec;
    const condition = this.#waiting.get(instance)?.condition;
    this.#waiting.delete(instance);
    checkBeforeSave(instance, { [hash.name]: hash.codec.decode({ N: "1" }) }); // before a number is spent
    const number = await nextNumber(binding, signal);
    this.#numbered.add(instance);
    values[hash.name] = number;
    state.generatedKey = true;
    return { raiseOnConflict: true, condition };
  }

  /** Takes the numbers back: nothing was stored. */
  abandon(): void {
    for (const instance of this.#numbered) {
      const { values, state, model } = internalsOf(instance);
      values[bindingOf(model).spec.hash.name] = undefined;
      state.generatedKey = false;
    }
  }
}

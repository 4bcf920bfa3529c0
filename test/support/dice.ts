import { seededFractions } from "../../src/testing/fault-plan.js";

/** Random choices that are the same in every run, so that a failure can be looked at again. */
export class Dice {
  readonly #fraction: () => number;

  constructor(seed: number) {
    this.#fraction = seededFractions(seed);
  }

  below(limit: number): number {
    return Math.floor(this.#fraction() * limit);
  }

  chance(share: number): boolean {
    return this.#fraction() < share;
  }

  pick<T>(choices: readonly T[]): T {
    // True: callers give at least one choice.
    return choices[this.below(choices.length)] as T;
  }

  some<T>(choices: readonly T[], most: number): T[] {
    return Array.from({ length: this.below(most + 1) }, () => this.pick(choices));
  }
}
